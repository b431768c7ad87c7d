#if Server

/// A host without its port, as the field Host and URLs have it (RFC 3986, 3.2.2), in lower case.
struct HostName: Hashable, Sendable {
    let name: String
    let port: Int?

    /// - Parameter authority: `host` or `host:port`; an IPv6 address is in brackets.
    /// - Returns: nil if it is neither.
    init?(authority: String) {
        let bytes = Array(authority.utf8)
        guard !bytes.isEmpty else { return nil }
        var end = bytes.count
        if bytes[0] == UInt8(ascii: "[") {
            guard let close = bytes.firstIndex(of: UInt8(ascii: "]")), close > 1,
                bytes[1..<close].allSatisfy(Self.isAddressByte)
            else {
                return nil
            }
            end = close + 1
        } else if let colon = bytes.firstIndex(of: UInt8(ascii: ":")) {
            end = colon
        }
        guard end > 0, bytes[0] == UInt8(ascii: "[") || bytes[..<end].allSatisfy(Self.isNameByte) else {
            return nil
        }
        if end < bytes.count {
            // An empty port is the scheme's own.
            let digits = bytes[(end + 1)...]
            guard bytes[end] == UInt8(ascii: ":"), digits.count <= 5,
                digits.allSatisfy({ (0x30...0x39).contains($0) })
            else { return nil }
            port = Int(String(decoding: digits, as: UTF8.self))
        } else {
            port = nil
        }
        var name = String(decoding: bytes[..<end], as: UTF8.self).lowercased()
        // A name with a dot at its end is the same name.
        if name.count > 1, name.hasSuffix(".") { name.removeLast() }
        self.name = name
    }

    /// Letters, digits and the marks that RFC 3986 allows in a registered name.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~!$&'()*+,;=%".utf8.contains(byte)
        }
    }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"),
            UInt8(ascii: "0")...UInt8(ascii: ":"):
            true
        default: byte == UInt8(ascii: ".")
        }
    }

    /// Whether it is an address rather than a name: no name server can give an address another meaning.
    var isAddress: Bool {
        if name.hasPrefix("[") { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } && (UInt8($0) != nil) }
    }

    /// Whether it means this machine alone (RFC 6761, 6.3).
    var isLoopback: Bool {
        name == "localhost" || name.hasSuffix(".localhost") || name == "[::1]"
            || (isAddress && name.hasPrefix("127."))
    }

    /// Whether a pattern names it: a name, `*.example.com` for all names below one, or `*` for any.
    func matches(_ pattern: String) -> Bool {
        let pattern = pattern.lowercased()
        if pattern == "*" || pattern == name { return true }
        return pattern.hasPrefix("*.") && name.hasSuffix(pattern.dropFirst())
    }
}

#endif
