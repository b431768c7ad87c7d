/// The address of a collection: `qdrant://HOST:PORT/NAME`, or `qdrant+https://…` with TLS.
package struct StoreAddress: Sendable, Equatable {
    /// `http://HOST:PORT`, with the path before the collection's name where a proxy has one.
    package let base: String
    package let collection: String

    /// What is wrong with an address.
    package struct Malformed: Error {
        package let reason: String
    }

    /// - Parameters:
    ///   - text: What follows the scheme.
    ///   - isSecure: Whether TLS is asked for.
    ///   - port: The port where the text names none and TLS is not asked for; with TLS it is 443.
    ///   - collection: The name where the text has none.
    package init(_ text: String, isSecure: Bool, port: Int, collection: String?) throws(Malformed) {
        guard !text.contains("@") else {
            throw Malformed(reason: "keys and passwords come from the environment; leave them out")
        }
        guard !text.contains("?"), !text.contains("#") else {
            throw Malformed(reason: "expected HOST, HOST:PORT or HOST:PORT/COLLECTION")
        }
        var parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let host = parts.removeFirst()
        if parts.last == "" { parts.removeLast() }
        let named = parts.popLast()
        guard !host.isEmpty else { throw Malformed(reason: "the host is missing") }
        if let named, let collection, named != collection {
            throw Malformed(reason: "two collections are named, \(named) and \(collection)")
        }
        let hasPort = host.last != "]" && host.contains(":")
        if hasPort {
            let digits = host.split(separator: ":", omittingEmptySubsequences: false).last ?? ""
            guard let number = Int(digits), (1...65535).contains(number) else {
                throw Malformed(reason: "the port \(digits) is not a number from 1 to 65535")
            }
        }
        let place = hasPort || isSecure ? host : "\(host):\(port)"
        base = (["\(isSecure ? "https" : "http")://\(place)"] + parts).joined(separator: "/")
        self.collection = named ?? collection ?? "embeddings"
    }
}

extension String {
    /// As one part of a path: other bytes than letters, digits and `-._~` are written as %XX (RFC 3986).
    var percentEncoded: String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in utf8 {
            if plain.contains(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
