/// The parts of an http or https address that the hub's protocol needs.
struct HubURL: Sendable, Hashable {
    let isSecure: Bool
    /// In lower case; an IPv6 address keeps its brackets.
    let host: String
    let port: Int
    /// From the first slash on, with the query: "/api/models?x=1". Never empty.
    let target: String

    /// Reads an absolute address; nil for other schemes, user names and what is not an address.
    init?(_ text: String) {
        guard let (scheme, rest) = Self.split(text, at: "://") else { return nil }
        switch scheme.lowercased() {
        case "http": isSecure = false
        case "https": isSecure = true
        default: return nil
        }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        let authority = rest[..<end]
        var target = rest[end...].prefix { $0 != "#" }
        if target.first == "?" { target = "/" + target }
        guard target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        self.target = target.isEmpty ? "/" : String(target)

        var name = authority
        var port = isSecure ? 443 : 80
        let bracket = authority.lastIndex(of: "]") ?? authority.startIndex
        if let colon = authority.lastIndex(of: ":"), colon >= bracket {
            guard let number = UInt16(authority[authority.index(after: colon)...]), number > 0 else {
                return nil
            }
            port = Int(number)
            name = authority[..<colon]
        }
        let allowed = name.utf8.allSatisfy { byte in
            let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            return isLetter || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || ".-_[]:%".utf8.contains(byte)
        }
        guard !name.isEmpty, allowed else { return nil }
        host = name.lowercased()
        self.port = port
    }

    private init(_ base: HubURL, target: String) {
        (isSecure, host, port) = (base.isSecure, base.host, base.port)
        self.target = target
    }

    private static func split(_ text: String, at mark: String) -> (Substring, Substring)? {
        var start = text.startIndex
        while start < text.endIndex {
            if text[start...].hasPrefix(mark) {
                return (text[..<start], text[text.index(start, offsetBy: mark.count)...])
            }
            start = text.index(after: start)
        }
        return nil
    }

    /// Without the port where it is the scheme's own.
    var origin: String {
        let standard = isSecure ? 443 : 80
        return "\(isSecure ? "https" : "http")://\(host)" + (port == standard ? "" : ":\(port)")
    }

    var text: String { origin + target }

    func hasSameOrigin(as other: HubURL) -> Bool {
        isSecure == other.isSecure && host == other.host && port == other.port
    }

    /// An address under this one. `path` is percent-encoded and begins without a slash.
    func appending(_ path: String) -> HubURL {
        var base = target.prefix { $0 != "?" }
        while base.last == "/" { base.removeLast() }
        return HubURL(self, target: base + "/" + path)
    }

    /// Where a redirect leads: absolute, or relative to this address (RFC 3986, 5.2, without dot segments).
    func resolving(_ location: String) -> HubURL? {
        if location.hasPrefix("//") { return HubURL((isSecure ? "https:" : "http:") + location) }
        if location.hasPrefix("/") { return HubURL(origin + location) }
        if let absolute = HubURL(location) { return absolute }
        guard !location.contains("://"), !location.isEmpty else { return nil }
        let path = target.prefix { $0 != "?" }
        if location.hasPrefix("?") { return HubURL(origin + path + location) }
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
        return HubURL(origin + folder + location)
    }

    /// Percent-encodes all but unreserved characters, and slashes if they are not to be kept.
    static func encoded(_ text: String, keepingSlashes: Bool) -> String {
        let digits = Array("0123456789ABCDEF")
        var result = ""
        for byte in text.utf8 {
            let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            if isLetter || isDigit || "-._~".utf8.contains(byte)
                || (keepingSlashes && byte == UInt8(ascii: "/"))
            {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
        return result
    }
}
