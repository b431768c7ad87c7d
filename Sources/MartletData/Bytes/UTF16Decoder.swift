/// UTF-16 to UTF-8. A surrogate without its other half comes out as three bytes that are not UTF-8, so that
/// whoever checks the text names its place.
final class UTF16Decoder: StreamDecoder {
    private let isBigEndian: Bool
    /// The first byte of a unit whose second has not arrived.
    private var half: UInt8?
    private var high: UInt16?
    /// Bytes of the last unit for which the output had no room: it may be of any size.
    private var rest: [UInt8] = []

    init(bigEndian: Bool) { isBigEndian = bigEndian }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(StreamError) -> (consumed: Int, produced: Int) {
        var (consumed, produced) = (0, giveRest(to: output))
        while consumed < input.count, produced < output.count {
            let byte = input[consumed]
            consumed += 1
            guard let first = half else {
                half = byte
                continue
            }
            half = nil
            let unit = isBigEndian ? UInt16(first) << 8 | UInt16(byte) : UInt16(byte) << 8 | UInt16(first)
            append(unit, to: output, &produced)
        }
        return (consumed, produced)
    }

    func finish(into output: UnsafeMutableRawBufferPointer) throws(StreamError) -> Int {
        guard half == nil else {
            throw StreamError(
                reason: "has an odd number of bytes, which UTF-16 cannot have",
                remedies: [.advice("check the file")])
        }
        var produced = giveRest(to: output)
        if let lone = high {
            high = nil
            appendScalar(UInt32(lone), to: output, &produced)
        }
        return produced
    }

    private func giveRest(to output: UnsafeMutableRawBufferPointer) -> Int {
        guard !rest.isEmpty else { return 0 }
        let count = min(rest.count, output.count)
        output.copyBytes(from: rest[..<count])
        rest.removeFirst(count)
        return count
    }

    private func append(_ unit: UInt16, to output: UnsafeMutableRawBufferPointer, _ produced: inout Int) {
        if let first = high {
            high = nil
            if (0xDC00...0xDFFF).contains(unit) {
                return appendScalar(
                    0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(unit) - 0xDC00), to: output, &produced)
            }
            appendScalar(UInt32(first), to: output, &produced)
        }
        if (0xD800...0xDBFF).contains(unit) {
            high = unit
        } else {
            appendScalar(UInt32(unit), to: output, &produced)
        }
    }

    private func appendScalar(
        _ value: UInt32, to output: UnsafeMutableRawBufferPointer, _ produced: inout Int
    ) {
        func put(_ byte: UInt32) {
            let byte = UInt8(truncatingIfNeeded: byte)
            guard produced < output.count else { return rest.append(byte) }
            output[produced] = byte
            produced += 1
        }
        switch value {
        case 0..<0x80: put(value)
        case 0x80..<0x800:
            put(0xC0 | value >> 6)
            put(0x80 | value & 63)
        case 0x800..<0x10000:
            put(0xE0 | value >> 12)
            put(0x80 | value >> 6 & 63)
            put(0x80 | value & 63)
        default:
            put(0xF0 | value >> 18)
            put(0x80 | value >> 12 & 63)
            put(0x80 | value >> 6 & 63)
            put(0x80 | value & 63)
        }
    }
}
