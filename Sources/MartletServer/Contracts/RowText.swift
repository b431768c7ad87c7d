#if Server

internal import MartletJSON

/// Vectors as JSON text, written by hand: most of a response's bytes are floats.
enum RowText {
    /// Bytes that `count` floats take at most, about.
    static func bytes(_ count: Int) -> Int { count * 13 }

    static func append(_ row: [Float], to output: inout [UInt8]) {
        row.withUnsafeBufferPointer { JSONText.append($0, to: &output) }
    }

    /// `[[…],[…]]`
    static func append(rows: [[Float]], to output: inout [UInt8]) {
        output.append(UInt8(ascii: "["))
        for (index, row) in rows.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            append(row, to: &output)
        }
        output.append(UInt8(ascii: "]"))
    }

    /// `[[[…],…],…]`: rows of `width` numbers within each text's.
    static func append(tokenRows: [[Float]], width: Int, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "["))
        for (index, rows) in tokenRows.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            append(vectors: rows, width: width, to: &output)
        }
        output.append(UInt8(ascii: "]"))
    }

    /// `[[…],[…]]`: vectors of `width` numbers, which lie one after the other.
    static func append(vectors rows: [Float], width: Int, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "["))
        for start in stride(from: 0, to: rows.count, by: max(1, width)) {
            if start > 0 { output.append(UInt8(ascii: ",")) }
            rows.withUnsafeBufferPointer {
                JSONText.append(
                    UnsafeBufferPointer(rebasing: $0[start..<min(start + width, $0.count)]), to: &output)
            }
        }
        output.append(UInt8(ascii: "]"))
    }
}

extension [UInt8] {
    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { append(contentsOf: $0) }
    }
}

#endif
