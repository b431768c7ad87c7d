import CMartlet

/// Texts of the caller: one block of UTF-8 with offsets, checked before the work begins. The caller's memory
/// outlives the call.
struct TextBlock {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let offsets: UnsafeBufferPointer<Int64>
    let count: Int

    /// - Parameter name: Of the argument, for messages.
    /// - Throws: With the index of the first offset at fault.
    init(_ texts: UnsafePointer<martlet_texts>?, _ name: String) throws(CallError) {
        guard let texts = texts?.pointee else { throw .argument("\(name) is NULL") }
        // Sizes beyond Int arrive as negative numbers.
        guard texts.count >= 0, texts.count < Int.max / 8, texts.size >= 0 else {
            throw .argument(
                "\(name): \(UInt(bitPattern: texts.count)) texts in \(UInt(bitPattern: texts.size)) bytes")
        }
        count = texts.count
        bytes = UnsafeBufferPointer(start: texts.bytes, count: texts.bytes == nil ? 0 : texts.size)
        guard texts.bytes != nil || texts.size == 0 else {
            throw .argument("\(name): bytes is NULL, and size is \(texts.size)")
        }
        guard let start = texts.offsets else {
            guard count == 0 else { throw .argument("\(name): offsets is NULL, and count is \(count)") }
            offsets = UnsafeBufferPointer(start: nil, count: 0)
            return
        }
        guard UInt(bitPattern: start).isMultiple(of: UInt(MemoryLayout<Int64>.alignment)) else {
            throw .argument("\(name): offsets is not aligned to \(MemoryLayout<Int64>.alignment) bytes")
        }
        offsets = UnsafeBufferPointer(start: start, count: count + 1)
        var last: Int64 = 0
        for (index, offset) in offsets.enumerated() {
            guard offset >= last else {
                throw .argument(
                    "\(name): offset \(index) is \(offset), less than \(last); offsets never decrease",
                    index: index)
            }
            guard offset <= bytes.count else {
                throw .argument(
                    "\(name): offset \(index) is \(offset), and the block has \(bytes.count) bytes",
                    index: index)
            }
            last = offset
        }
    }

    /// The bytes of a text.
    func size(of index: Int) -> Int { Int(offsets[index + 1] - offsets[index]) }

    /// A copy of some texts.
    /// - Throws: With the index of the first that is not UTF-8.
    func texts(_ range: Range<Int>) throws(CallError) -> [String] {
        var texts: [String] = []
        texts.reserveCapacity(range.count)
        for index in range {
            let utf8 = UnsafeBufferPointer(rebasing: bytes[Int(offsets[index])..<Int(offsets[index + 1])])
            guard let text = String(validating: utf8, as: UTF8.self) else {
                throw CallError(
                    .invalidInput, "invalid_input",
                    "text \(index) is not UTF-8 (\(Self.fault(utf8))); convert it to UTF-8", index: index)
            }
            texts.append(text)
        }
        return texts
    }

    var all: [String] { get throws(CallError) { try texts(0..<count) } }

    /// The only text.
    func single(_ name: String) throws(CallError) -> String {
        guard count == 1 else { throw .argument("\(name) holds \(count) texts; expected one") }
        return try all[0]
    }

    /// Where bytes stop being UTF-8.
    private static func fault(_ utf8: UnsafeBufferPointer<UInt8>) -> String {
        var (decoder, iterator, offset) = (UTF8(), utf8.makeIterator(), 0)
        while case .scalarValue(let scalar) = decoder.decode(&iterator) { offset += UTF8.width(scalar) }
        return offset < utf8.count
            ? "byte \(offset), 0x\(String(utf8[offset], radix: 16, uppercase: true))" : "at its end"
    }
}
