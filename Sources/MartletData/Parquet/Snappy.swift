/// Snappy's raw format. https://github.com/google/snappy/blob/main/format_description.txt
enum Snappy {
    /// nil if the bytes are not Snappy data of exactly `size` bytes.
    static func decompress(_ input: UnsafeBufferPointer<UInt8>, size: Int) -> [UInt8]? {
        var position = 0
        guard let stated = varint(input, &position), stated == size else { return nil }
        var count = 0
        let output = [UInt8](unsafeUninitializedCapacity: size) { output, initialized in
            count = fill(output, size, from: input, position) ? size : -1
            initialized = max(count, 0)
        }
        return count == size ? output : nil
    }

    /// Copies literals and references until the input ends; false if they do not fill the output exactly.
    private static func fill(
        _ output: UnsafeMutableBufferPointer<UInt8>, _ size: Int, from input: UnsafeBufferPointer<UInt8>,
        _ start: Int
    ) -> Bool {
        var (position, count) = (start, 0)
        while position < input.count {
            let tag = Int(input[position])
            position += 1
            if tag & 3 == 0 {
                guard let length = literalLength(tag >> 2, input, &position),
                    length <= input.count - position, length <= size - count
                else { return false }
                for index in 0..<length { output[count + index] = input[position + index] }
                position += length
                count += length
                continue
            }
            let (offsetSize, length) =
                tag & 3 == 1 ? (1, 4 + (tag >> 2 & 7)) : tag & 3 == 2 ? (2, 1 + tag >> 2) : (4, 1 + tag >> 2)
            guard offsetSize <= input.count - position else { return false }
            var offset = 0
            for index in 0..<offsetSize { offset |= Int(input[position + index]) << (8 * index) }
            position += offsetSize
            if offsetSize == 1 { offset |= (tag >> 5) << 8 }
            guard offset > 0, offset <= count, length <= size - count else { return false }
            // Byte by byte: a reference may overlap what it writes.
            for index in 0..<length { output[count + index] = output[count + index - offset] }
            count += length
        }
        return count == size
    }

    private static func literalLength(_ code: Int, _ input: UnsafeBufferPointer<UInt8>, _ position: inout Int)
        -> Int?
    {
        if code < 60 { return code + 1 }
        let bytes = code - 59
        guard bytes <= input.count - position else { return nil }
        var length = 0
        for index in 0..<bytes { length |= Int(input[position + index]) << (8 * index) }
        position += bytes
        return length + 1
    }

    private static func varint(_ input: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> Int? {
        var value = 0
        for shift in stride(from: 0, to: 35, by: 7) {
            guard position < input.count else { return nil }
            let byte = Int(input[position])
            position += 1
            value |= (byte & 127) << shift
            if byte < 128 { return value }
        }
        return nil
    }
}
