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
        let expanded: (String) -> String = { $0 == "~" || $0.hasPrefix("~/") ? home + $0.dropFirst() : $0 }
        let base = expanded(
            value("HF_HOME") ?? (value("XDG_CACHE_HOME") ?? "\(home)/.cache") + "/huggingface")
        cache = expanded(value("HF_HUB_CACHE") ?? value("HUGGINGFACE_HUB_CACHE") ?? "\(base)/hub")
        endpoint = value("HF_ENDPOINT") ?? Self.defaultEndpoint
        isOffline = ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"].contains { name in
            ["1", "on", "yes", "true"].contains(value(name)?.lowercased() ?? "")
        }
        for scheme in ["http", "https"] {
            let names = ["\(scheme)_proxy", "\(scheme)_proxy".uppercased(), "all_proxy", "ALL_PROXY"]
            proxies[scheme] = names.compactMap { value($0) }.first
        }
        directHosts = (value("no_proxy") ?? value("NO_PROXY") ?? "").split { $0 == "," || $0 == " " }.map {
            $0.lowercased()
        }
        token = (value("HF_TOKEN") ?? readFile(expanded(value("HF_TOKEN_PATH") ?? "\(base)/token"))).flatMap(
            Self.trimmed)
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
            return name == "*" || url.host == name || url.host.hasSuffix("." + name)
        }
        if isDirect { return nil }
        guard let proxy = HubURL(text.contains("://") ? text : "http://" + text), !proxy.isSecure else {
            throw HubError(
                .invalidName,
                "the address of the proxy in the environment is not as http://host:port, without a user name")
        }
        return proxy
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
