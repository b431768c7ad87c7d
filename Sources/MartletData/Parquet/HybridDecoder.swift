/// Parquet's hybrid of run lengths and bit packing, for levels and for indices into a dictionary.
/// https://github.com/apache/parquet-format/blob/master/Encodings.md
struct HybridDecoder {
    private let bytes: ArraySlice<UInt8>
    private let width: Int
    private var position: Int
    /// Values left of the current run, and its value, or nil for a run of packed bits.
    private var left = 0
    private var repeated: Int?
    /// Bits of the packed run that have been read.
    private var bit = 0

    /// - Parameter width: Bits of a value, 0 to 32.
    init(_ bytes: ArraySlice<UInt8>, width: Int) {
        self.bytes = bytes
        self.width = width
        position = bytes.startIndex
    }

    /// nil if the bytes end.
    mutating func next() -> Int? {
        while left == 0 {
            guard nextRun() else { return nil }
        }
        left -= 1
        if let repeated { return repeated }
        var value = 0
        for index in 0..<width {
            let at = bit + index
            value |= Int(bytes[position + at >> 3] >> UInt8(at & 7) & 1) << index
        }
        bit += width
        if left == 0 { position += bit >> 3 }
        return value
    }

    private mutating func nextRun() -> Bool {
        var header = 0
        var shift = 0
        while true {
            guard position < bytes.endIndex, shift < 35 else { return false }
            let byte = Int(bytes[position])
            position += 1
            header |= (byte & 127) << shift
            shift += 7
            if byte < 128 { break }
        }
        if header & 1 == 1 {
            // Groups of eight. The last may be cut off where its values end.
            let groups = min(header >> 1, width == 0 ? header >> 1 : (bytes.endIndex - position) / width)
            guard groups > 0 || header >> 1 == 0 else { return false }
            (left, repeated, bit) = (groups * 8, nil, 0)
            return true
        }
        let size = (width + 7) / 8
        guard size <= bytes.endIndex - position else { return false }
        var value = 0
        for index in 0..<size { value |= Int(bytes[position + index]) << (8 * index) }
        position += size
        (left, repeated) = (header >> 1, value)
        return true
    }
}
