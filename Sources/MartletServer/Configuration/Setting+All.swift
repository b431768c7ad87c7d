#if Server

internal import Martlet
internal import MartletSystem

extension Setting {
    /// Every setting, in the order of the help.
    public static let all: [Setting] = [
        Setting(
            "model", "path", short: "m", isList: true,
            "A model folder, GGUF file, or name of a model that was pulled; or name=path",
            apply: { (configuration, text) throws(ServerError) in configuration.models.append(try entry(text))
            },
            value: { configuration in
                // The model inside the program has no path, but a name that is read as one.
                let models = configuration.models.map { entry in
                    "\(entry.name)=\(entry.path ?? entry.aliases.first ?? entry.name)"
                }
                return models.isEmpty ? nil : .list(models)
            }),
        text("host", "address", "The address to listen on", \.host),
        integer("port", short: "p", "The TCP port; 0: any that is free", \.port, in: 0...65535),
        text("data", "folder", "Where collections are kept; without it the server keeps none", \.dataFolder),
        text(
            "rewrite-url", "url",
            "An endpoint of OpenAI's form whose chat model writes questions in other words, such as http://localhost:11434/v1",
            \.rewriteURL),
        text("rewrite-model", "name", "The chat model of rewrite-url", \.rewriteModel),
        text("rewrite-key", "key", "The key of rewrite-url", \.rewriteKey),
        text("unix-socket", "path", "A Unix socket to listen on, in place of TCP", \.unixSocket),
        text("api-key", "key", "The key that clients must send as Authorization: Bearer KEY", \.apiKey),
        list(
            "allowed-host", "name",
            "Names that clients may call this server by, beside its address and this machine's names; *.NAME for all below one, * for any",
            \.allowedHosts),
        list(
            "cors-origin", "origin", "Origins that browsers may call from; * stands for any text",
            \.corsOrigins),
        text("tls-certificate", "path", "PEM file of the certificate chain", \.tlsCertificate),
        text("tls-key", "path", "PEM file of the certificate's key", \.tlsKey),
        integer("threads", "Compute threads; by default one for each core", \.compute.threads, in: 1...1024),
        Setting(
            "precision", "name", "Arithmetic of the matrix products: auto, f32, bf16, int8 or int4",
            apply: { (configuration, text) throws(ServerError) in
                guard let precision = Precision(rawValue: text) else {
                    throw ServerError(
                        "precision is \(text), expected \(Precision.allCases.map(\.rawValue).joined(separator: ", "))"
                    )
                }
                configuration.compute.precision = precision
            }, value: { .text($0.compute.precision.rawValue) }),
        integer(
            "max-batch-tokens", "Tokens in one forward pass of a thread", \.compute.maxBatchTokens,
            in: Int.min...Int.max),
        integer(
            "max-tokens", "The most tokens of a text, in place of the model's own limit", \.compute.maxTokens,
            in: Int.min...Int.max),
        text(
            "corpus-sample", "file",
            "A sample of the corpus, one document a line, for models that embed texts in the context of one",
            \.corpusSample),
        integer("max-queue", "The most texts that wait", \.maxQueue),
        integer(
            "max-concurrent-requests", "The most requests that are answered at once", \.maxConcurrentRequests),
        integer(
            "max-connections", "The most open connections; by default as many as the system allows",
            \.maxConnections),
        integer("max-request-bytes", "The most bytes of a request", \.maxRequestBytes),
        integer("max-body-memory", "The most bytes of all requests that are held at once", \.maxBodyMemory),
        integer("max-response-bytes", "The most bytes of numbers in a response", \.maxResponseBytes),
        integer(
            "max-response-memory", "The most bytes of all answers that clients have yet to read",
            \.maxResponseMemory),
        integer("max-client-batch", "The most texts of a request", \.maxClientBatch),
        seconds(
            "request-timeout", "How long a request may wait before it runs; -1: for ever", \.requestTimeout),
        seconds("body-timeout", "How long a request's body may take to arrive; -1: for ever", \.bodyTimeout),
        seconds("idle-timeout", "How long a connection may be idle; -1: for ever", \.idleTimeout),
        seconds(
            "drain-timeout", "How long open requests may take once the server is told to stop; -1: for ever",
            \.drainTimeout),
        seconds(
            "keep-alive", "How long a model stays in memory after its last request; -1: for good",
            \.keepAlive, from: 0),
        integer("max-loaded-models", "The most models in memory", \.maxLoadedModels),
        integer("max-memory", value: "bytes", "The most bytes of models in memory", \.maxMemory),
        integer(
            "cache-bytes", value: "bytes", "Bytes of results to keep for texts that come again; 0: none",
            \.cacheBytes, in: 0...Int.max),
        flag("preload", "Load all models at the start, rather than the first alone", \.preloadsAll),
        flag(
            "lazy", "Start although a model cannot be found or read, and load each when it is asked for",
            \.isLazy),
        flag(
            "hub", "Requests may name any model of the local cache, pull models and delete them", \.servesHub),
        flag(
            "any-model-name", "Requests that name an unknown model get the first one", \.acceptsAnyModelName),
        text("log-level", "level", "trace, debug, info, notice, warning, error or critical", \.logLevel),
        Setting(
            "log-format", "format", "text or json",
            apply: { (configuration, text) throws(ServerError) in
                guard let format = ServerConfiguration.LogFormat(rawValue: text) else {
                    throw ServerError("log-format is \(text), expected text or json")
                }
                configuration.logFormat = format
            }, value: { .text($0.logFormat.rawValue) }),
    ]

    /// `name=path`, or a path; the path must not be empty. A name may be `org/repo`.
    static func entry(_ text: String) throws(ServerError) -> ModelEntry {
        guard let sign = text.firstIndex(of: "="), isName(text[..<sign]),
            !text[..<sign].contains("/") || access(text, F_OK) != 0
        else {
            guard !text.isEmpty else {
                throw ServerError("model is empty, expected a model folder, a GGUF file, or name=path")
            }
            return ModelEntry(path: text)
        }
        let name = String(text[..<sign])
        let path = String(text[text.index(after: sign)...])
        guard !name.isEmpty, !path.isEmpty else { throw ServerError("model is \(text), expected name=path") }
        return ModelEntry(path: path, name: name)
    }
    private static func isName(_ text: Substring) -> Bool {
        if text.first == "." || text.first == "/" || text.first == "~" { return false }
        return text.utf8.count { $0 == UInt8(ascii: "/") } <= 1 && text.last != "/"
    }
}

#endif
