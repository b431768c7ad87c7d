internal import CMartletKernels

/// SHA-256 (FIPS 180-4) of bytes as they arrive: the digest that model files are named by.
package struct SHA256: Sendable {
    private var state = [UInt32](repeating: 0, count: 8)
    private var pending: [UInt8] = []
    private var total: UInt64 = 0
    private static let block = 64

    package init() { state.withUnsafeMutableBufferPointer { mk_sha256_begin($0.baseAddress) } }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        total += UInt64(bytes.count)
        var rest = bytes[...]
        if !pending.isEmpty {
            let taken = min(Self.block - pending.count, rest.count)
            pending += rest.prefix(taken)
            rest = rest.dropFirst(taken)
            guard pending.count == Self.block else { return }
            pending.withUnsafeBytes { add(UnsafeRawBufferPointer($0)) }
            pending.removeAll(keepingCapacity: true)
        }
        let whole = rest.count / Self.block * Self.block
        if whole > 0 { add(UnsafeRawBufferPointer(rebasing: rest.prefix(whole))) }
        pending += rest.dropFirst(whole)
    }

    /// - Parameter blocks: A whole number of blocks of 64 bytes.
    private mutating func add(_ blocks: UnsafeRawBufferPointer) {
        state.withUnsafeMutableBufferPointer { state in
            let bytes = blocks.bindMemory(to: UInt8.self)
            mk_sha256_blocks(state.baseAddress, bytes.baseAddress, bytes.count / Self.block)
        }
    }

    /// The digest as 64 hexadecimal digits.
    package consuming func finish() -> String {
        let bits = total &* 8
        var tail: [UInt8] = [0x80]
        tail += [UInt8](repeating: 0, count: (119 - pending.count) % Self.block)
        tail += (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * UInt64($0))) }
        tail.withUnsafeBytes { update($0) }
        return Self.hexadecimal(of: state)
    }

    private static func hexadecimal(of words: [UInt32]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = words.flatMap { word in
            (0..<8).map { digits[Int(word >> (28 - 4 * UInt32($0)) & 15)] }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The digest of bytes that are in memory.
    package static func digest(of bytes: UnsafeRawBufferPointer) -> String {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finish()
    }

    /// The digest of a text's UTF-8.
    package static func digest(of text: String) -> String {
        var text = text
        return text.withUTF8 { digest(of: UnsafeRawBufferPointer($0)) }
    }
}
