#if Command && Server

import ArgumentParser
import MartletServer

/// The server's settings as options; their text goes to the settings of the same name.
struct ServeOptions: ParsableArguments {
    @Option(name: [.short, .long], help: help("model", "path")) var model: [String] = []
    @Option(help: help("host", "address")) var host: String?
    @Option(name: [.short, .long], help: help("port", "n")) var port: String?
    @Option(help: help("unix-socket", "path")) var unixSocket: String?
    @Option(help: help("api-key", "key")) var apiKey: String?
    @Option(help: help("cors-origin", "origin")) var corsOrigin: [String] = []
    @Option(help: help("tls-certificate", "path")) var tlsCertificate: String?
    @Option(help: help("tls-key", "path")) var tlsKey: String?
    @Option(help: help("threads", "n")) var threads: String?
    @Option(help: help("precision", "name")) var precision: String?
    @Option(help: help("max-batch-tokens", "n")) var maxBatchTokens: String?
    @Option(help: help("max-tokens", "n")) var maxTokens: String?
    @Option(help: help("max-queue", "n")) var maxQueue: String?
    @Option(help: help("max-concurrent-requests", "n")) var maxConcurrentRequests: String?
    @Option(help: help("max-request-bytes", "n")) var maxRequestBytes: String?
    @Option(help: help("max-body-memory", "n")) var maxBodyMemory: String?
    @Option(help: help("max-response-bytes", "n")) var maxResponseBytes: String?
    @Option(help: help("max-response-memory", "n")) var maxResponseMemory: String?
    @Option(help: help("max-client-batch", "n")) var maxClientBatch: String?
    @Option(help: help("request-timeout", "time")) var requestTimeout: String?
    @Option(help: help("idle-timeout", "time")) var idleTimeout: String?
    @Option(help: help("keep-alive", "time")) var keepAlive: String?
    @Option(help: help("max-loaded-models", "n")) var maxLoadedModels: String?
    @Option(help: help("max-memory", "bytes")) var maxMemory: String?
    @Option(help: help("cache-bytes", "bytes")) var cacheBytes: String?
    @Flag(help: help("preload", nil)) var preload = false
    @Flag(help: help("hub", nil)) var hub = false
    @Flag(help: help("any-model-name", nil)) var anyModelName = false
    @Option(help: help("log-level", "level")) var logLevel: String?
    @Option(help: help("log-format", "format")) var logFormat: String?

    private static func help(_ name: String, _ value: String?) -> ArgumentHelp {
        ArgumentHelp((Setting.all.first { $0.name == name }.map { $0.help + "." }).map { "\($0)" } ?? "", valueName: value)
    }

    /// Names and values as they were given.
    var given: [(name: String, value: String)] {
        var given = model.map { (name: "model", value: $0) } + corsOrigin.map { (name: "cors-origin", value: $0) }
        let single: [(String, String?)] = [
            ("host", host), ("port", port), ("unix-socket", unixSocket), ("api-key", apiKey), ("tls-certificate", tlsCertificate),
            ("tls-key", tlsKey), ("threads", threads), ("precision", precision), ("max-batch-tokens", maxBatchTokens),
            ("max-tokens", maxTokens), ("max-queue", maxQueue), ("max-concurrent-requests", maxConcurrentRequests),
            ("max-request-bytes", maxRequestBytes), ("max-body-memory", maxBodyMemory), ("max-response-bytes", maxResponseBytes),
            ("max-response-memory", maxResponseMemory),
            ("max-client-batch", maxClientBatch), ("request-timeout", requestTimeout), ("idle-timeout", idleTimeout),
            ("keep-alive", keepAlive), ("max-loaded-models", maxLoadedModels), ("max-memory", maxMemory), ("cache-bytes", cacheBytes),
            ("log-level", logLevel), ("log-format", logFormat), ("preload", preload ? "true" : nil),
            ("hub", hub ? "true" : nil),
            ("any-model-name", anyModelName ? "true" : nil),
        ]
        for (name, value) in single {
            if let value { given.append((name: name, value: value)) }
        }
        return given
    }
}

#endif
