enum CSVRow {
    /// The fields of one record, unquoted.
    static func parse(
        _ bytes: UnsafeBufferPointer<UInt8>, delimiter: UInt8, place: String
    ) throws(DataError) -> [[UInt8]] {
        let quote = UInt8(ascii: "\"")
        var fields: [[UInt8]] = []
        var position = 0
        while true {
            var field: [UInt8] = []
            if position < bytes.count, bytes[position] == quote {
                position += 1
                var isOpen = true
                while isOpen {
                    guard position < bytes.count else {
                        throw DataError(
                            .malformed, at: place, "a quoted field is not closed",
                            remedies: [.advice("end it with a quote, and double the quotes inside it")],
                            isRecoverable: true)
                    }
                    let byte = bytes[position]
                    position += 1
                    if byte != quote {
                        field.append(byte)
                    } else if position < bytes.count, bytes[position] == quote {
                        field.append(quote)
                        position += 1
                    } else {
                        isOpen = false
                    }
                }
                guard position == bytes.count || bytes[position] == delimiter else {
                    throw DataError(
                        .malformed, at: place, "text after the quote that ends field \(fields.count + 1)",
                        remedies: [.advice("double the quotes inside a field")], isRecoverable: true)
                }
            } else {
                while position < bytes.count, bytes[position] != delimiter {
                    field.append(bytes[position])
                    position += 1
                }
            }
            fields.append(field)
            guard position < bytes.count else { return fields }
            position += 1
        }
    }
}
