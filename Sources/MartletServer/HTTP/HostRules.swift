#if Server

internal import HTTPTypes
internal import MartletJSON
internal import MartletSystem

/// Which names this server answers to, and which pages may call it.
///
/// A page of another site can give its own name this machine's address (DNS rebinding). A browser then takes
/// the server for a part of that site: the field Host, which tells the name, is the only protection.
struct HostRules: Sendable {
    /// The names that somebody listed: `name`, `*.name` or `*`.
    let listed: [String]
    /// The address to listen on.
    let host: String
    /// Whether only programs of this machine can connect.
    let isLocal: Bool
    let origins: [OriginPattern]
    /// What this machine is called.
    private let machine: Set<String>

    init(_ configuration: ServerConfiguration) {
        listed = configuration.allowedHosts
        host = configuration.host.lowercased()
        isLocal =
            configuration.unixSocket == nil
            && HostName(authority: configuration.host)?.isLoopback ?? (configuration.host == "::1")
        origins = configuration.corsOrigins.map { OriginPattern($0) }
        let name = Self.machineName.lowercased()
        machine = name.isEmpty ? [] : [name, name + ".local"]
    }

    /// Names that are this server's.
    func isOwn(_ name: HostName) -> Bool {
        name.isAddress || name.isLoopback || name.name == host || machine.contains(name.name)
            || listed.contains { name.matches($0) }
    }

    /// - Throws: If the request is for another host, or from a page that may not call.
    func check(_ request: HTTPRequest) throws(ServiceError) {
        let name = HostName(authority: request.authority ?? "")
        if let name, !isOwn(name), !isTrusted(name, request) {
            throw ServiceError(
                .forbidden,
                "this server does not answer to the host \(name.name.quotedForMessage); if that is a name of it, list it as allowed-host"
            )
        }
        guard let origin = request.headerFields[.origin], ![.get, .head, .options].contains(request.method),
            !isAllowed(origin)
        else {
            return
        }
        if let page = Self.authority(of: origin) {
            if page == name { return }
            // A proxy may listen on another port, or end TLS.
            if listed.contains(where: { $0 != "*" && page.matches($0) }) { return }
        }
        throw ServiceError(
            .forbidden, "pages of other origins may not call this server; cors-origin names those that may")
    }

    /// Whether a name that is not this server's is answered to. Services call each other by names of their
    /// network, and programs by any name that leads here; a page's name must be this server's. No public site
    /// has a name without a dot.
    private func isTrusted(_ name: HostName, _ request: HTTPRequest) -> Bool {
        guard listed.isEmpty, !Self.isFromBrowser(request) else { return false }
        return !isLocal || !name.name.contains(".")
    }

    private static func isFromBrowser(_ request: HTTPRequest) -> Bool {
        let fields = request.headerFields
        return fields[.origin] != nil || fields[.fetchSite] != nil
            || fields[.userAgent]?.hasPrefix("Mozilla/") == true
    }

    /// Whether a page of that origin may call from elsewhere.
    func isAllowed(_ origin: String) -> Bool { origins.contains { $0.matches(origin) } }

    private static var machineName: String {
        var bytes = [CChar](repeating: 0, count: 256)
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return "" }
        return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func authority(of origin: String) -> HostName? {
        for scheme in ["http://", "https://"] where origin.hasPrefix(scheme) {
            return HostName(authority: String(origin.dropFirst(scheme.count)))
        }
        return nil
    }
}

/// An origin, or several: `*` stands for any text, as in `http://localhost:*`, `https://*.example.com` or
/// `app://*`.
struct OriginPattern: Sendable {
    private let parts: [Substring]
    private let text: String

    init(_ text: String) {
        self.text = text
        parts = text.lowercased().split(separator: "*", omittingEmptySubsequences: false)
    }

    var matchesAll: Bool { text == "*" }

    func matches(_ origin: String) -> Bool {
        let origin = origin.lowercased()
        guard let first = parts.first, let last = parts.last, parts.count > 1 else {
            return origin == text.lowercased()
        }
        guard origin.hasPrefix(first), origin.hasSuffix(last), origin.count >= first.count + last.count else {
            return false
        }
        var rest = origin.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() {
            guard let end = Self.end(of: part, in: rest) else { return false }
            rest = rest[end...]
        }
        return true
    }

    private static func end(of part: Substring, in text: Substring) -> Substring.Index? {
        if part.isEmpty { return text.startIndex }
        var start = text.startIndex
        while start < text.endIndex {
            if text[start...].hasPrefix(part) { return text.index(start, offsetBy: part.count) }
            start = text.index(after: start)
        }
        return nil
    }
}

#endif
