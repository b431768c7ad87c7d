internal import Crypto

/// The digest that the hub names a file by: it is the name of the file in the cache, too.
struct ContentDigest: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// Of the bytes: what Git LFS names large files by.
        case sha256
        /// SHA-1 of `blob SIZE`, a zero byte and the bytes: what git names small files by.
        case gitBlob
    }

    let kind: Kind
    let hexadecimal: String

    /// From an entity tag, with or without quotes and the mark of weakness; nil if it is not one of the two digests.
    init?(entityTag: String) {
        var text = entityTag[...]
        if text.hasPrefix("W/") { text = text.dropFirst(2) }
        if text.count >= 2, text.first == "\"", text.last == "\"" { text = text.dropFirst().dropLast() }
        let value = text.lowercased()
        guard SafePath.isHexadecimal(value) else { return nil }
        switch value.utf8.count {
        case 64: kind = .sha256
        case 40: kind = .gitBlob
        default: return nil
        }
        hexadecimal = value
    }

    /// Takes a file's bytes as they arrive.
    struct Hasher: Sendable {
        private var sha256: SHA256?
        private var sha1: Insecure.SHA1?

        init(_ kind: Kind, size: Int) {
            switch kind {
            case .sha256: sha256 = SHA256()
            case .gitBlob:
                sha1 = Insecure.SHA1()
                Array("blob \(size)\0".utf8).withUnsafeBytes { sha1?.update(bufferPointer: $0) }
            }
        }

        mutating func update(_ bytes: UnsafeRawBufferPointer) {
            sha256?.update(bufferPointer: bytes)
            sha1?.update(bufferPointer: bytes)
        }

        /// The digest in hexadecimal.
        func finish() -> String {
            if let sha256 { return Self.hexadecimal(sha256.finalize()) }
            return sha1.map { Self.hexadecimal($0.finalize()) } ?? ""
        }

        private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
            let digits = Array("0123456789abcdef".utf8)
            var text: [UInt8] = []
            for byte in bytes {
                text.append(digits[Int(byte >> 4)])
                text.append(digits[Int(byte & 15)])
            }
            return String(decoding: text, as: UTF8.self)
        }
    }
}
