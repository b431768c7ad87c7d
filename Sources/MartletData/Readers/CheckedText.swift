/// Text from bytes that must be UTF-8: a replacement character would change what is embedded without a word.
package enum CheckedText {
    package static func string(
        _ bytes: UnsafeBufferPointer<UInt8>, place: @autoclosure () -> String
    ) throws(DataError) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        let offset = firstInvalid(bytes)
        let byte = String(bytes[offset], radix: 16, uppercase: true)
        throw DataError(
            .encoding, at: place(), "not UTF-8 at byte \(offset + 1) (0x\(byte.count < 2 ? "0" : "")\(byte))",
            remedies: [.advice("convert it to UTF-8"), .skipRecords], isRecoverable: true)
    }

    /// The offset of the first byte that no UTF-8 text has there.
    static func firstInvalid(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var decoder = UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var offset = 0
        while true {
            switch decoder.parseScalar(from: &iterator) {
            case .valid(let scalar): offset += scalar.count
            case .error, .emptyInput: return min(offset, max(0, bytes.count - 1))
            }
        }
    }
}
