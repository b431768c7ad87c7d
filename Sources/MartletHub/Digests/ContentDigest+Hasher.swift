#if Hub

internal import Crypto

extension ContentDigest {
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

#endif
