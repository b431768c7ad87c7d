internal import Martlet
internal import MartletJSON
internal import MartletSystem

/// Where the cache is and which server is asked, by the variables that Hugging Face's own tools read.
struct HubSettings: Sendable, Hashable {
    var cache: String
    var endpoint: String
    var token: String?
    var isOffline: Bool
    /// The proxy for each scheme, and the hosts that are reached without it.
    var proxies: [String: String] = [:]
    var directHosts: [String] = []
    /// A file of authorities whose certificates are trusted; nil: the system's.
    var authorities: String?

    /// The folder of the account, for services that are started without HOME.
    private static var accountHome: String? {
        guard let entry = getpwuid(getuid()), let folder = entry.pointee.pw_dir else { return nil }
        return String(cString: folder)
    }

    static let defaultEndpoint = "https://huggingface.co"

    /// - Parameters:
    ///   - variable: The value of an environment variable.
    ///   - readFile: The text of a file, nil if there is none.
    init(variable: (String) -> String?, readFile: (String) -> String?) {
        func value(_ name: String) -> String? { variable(name).flatMap { $0.isEmpty ? nil : $0 } }
        let home = (value("HOME") ?? Self.accountHome).map { $0 == "/" ? "" : $0 } ?? ""
        func expanded(_ text: String) -> String {
            let isInHome = text == "~" || text.hasPrefix("~/")
            return Self.replacingVariables(of: isInHome ? home + text.dropFirst() : text, by: variable)
        }
        let base = expanded(
            value("HF_HOME") ?? (value("XDG_CACHE_HOME") ?? "\(home)/.cache") + "/huggingface")
        cache = expanded(value("HF_HUB_CACHE") ?? value("HUGGINGFACE_HUB_CACHE") ?? "\(base)/hub")
        endpoint = value("HF_ENDPOINT") ?? Self.defaultEndpoint
        // The first that is set decides.
        let offline = value("HF_HUB_OFFLINE") ?? value("TRANSFORMERS_OFFLINE")
        isOffline = ["1", "on", "yes", "true"].contains(offline?.lowercased() ?? "")
        for scheme in ["http", "https"] {
            let names = ["\(scheme)_proxy", "\(scheme)_proxy".uppercased(), "all_proxy", "ALL_PROXY"]
            proxies[scheme] = names.compactMap { value($0) }.first
        }
        directHosts = (value("no_proxy") ?? value("NO_PROXY") ?? "").split { $0 == "," || $0 == " " }.map {
            $0.lowercased()
        }
        authorities = value("SSL_CERT_FILE")
        let given = value("HF_TOKEN") ?? value("HUGGING_FACE_HUB_TOKEN")
        token = (given ?? readFile(expanded(value("HF_TOKEN_PATH") ?? "\(base)/token"))).flatMap(Self.trimmed)
    }

    /// What the process's environment says.
    static var environment: HubSettings {
        HubSettings(
            variable: { name in getenv(name).map { String(cString: $0) } },
            readFile: { path in
                (try? Files.read(path, limit: 4096)).map { String(decoding: $0, as: UTF8.self) }
            })
    }

    /// The proxy on the way to an address.
    func proxy(for url: HubURL) throws(HubError) -> HubURL? {
        guard let text = proxies[url.isSecure ? "https" : "http"] else { return nil }
        let isDirect = directHosts.contains { name in
            let name = name.drop { $0 == "." }
            return name == "*" || [url.host, "\(url.host):\(url.port)"].contains { $0 == name }
                || url.host.hasSuffix("." + name)
        }
        if isDirect { return nil }
        guard let proxy = HubURL(text.contains("://") ? text : "http://" + text), !proxy.isSecure else {
            throw HubError(
                .invalidName,
                "the address of the proxy in the environment is not as http://host:port, without a user name")
        }
        return proxy
    }

    /// `$NAME` and `${NAME}` replaced where such a variable is set, as Python does: a service's settings may
    /// hold them as they are.
    private static func replacingVariables(of text: String, by variable: (String) -> String?) -> String {
        var result = ""
        var rest = text[...]
        while let sign = rest.firstIndex(of: "$") {
            result += rest[..<sign]
            let after = rest[rest.index(after: sign)...]
            let isBraced = after.first == "{"
            let name = after.dropFirst(isBraced ? 1 : 0).prefix { $0.utf8.allSatisfy(SafePath.isWordByte) }
            let tail = after[name.endIndex...]
            if !name.isEmpty, !isBraced || tail.first == "}", let value = variable(String(name)) {
                result += value
                rest = isBraced ? tail.dropFirst() : tail
            } else {
                result += "$"
                rest = after
            }
        }
        return result + rest
    }

    /// A token goes into a header: of its text only what can stand there is taken.
    private static func trimmed(_ text: String) -> String? {
        let text = text.drop { $0.isWhitespace }
        let end = text.lastIndex { !$0.isWhitespace }.map { text.index(after: $0) } ?? text.startIndex
        let token = text[..<end]
        guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        return String(token)
    }
}
