internal import Martlet

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

    /// From an entity tag, with or without quotes and the mark of weakness; nil if it is not one of the two
    /// digests.
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
}
