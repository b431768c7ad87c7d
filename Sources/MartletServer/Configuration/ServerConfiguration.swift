#if Server

public import Martlet

/// How a server listens, what it serves and what it allows.
public struct ServerConfiguration: Sendable {
    /// The address to listen on. Default: this machine alone.
    public var host = "127.0.0.1"
    /// The TCP port; 0 lets the system choose.
    public var port = 8080
    /// The path of a Unix socket to listen on in place of TCP.
    public var unixSocket: String?
    /// The key that clients must send; nil: none.
    public var apiKey: String?
    /// Names that clients may call the server by, beside its address, this machine's own names and loopback
    /// names: `name`, `*.name` for all names below one, or `*` for any.
    ///
    /// A server that only programs of this machine can reach refuses requests for other hosts. One that
    /// listens beyond this machine refuses them where names are listed here, and always where a page in a
    /// browser sends them.
    public var allowedHosts: [String] = []
    /// The origins that browsers may call from; `*` stands for any text. Empty: none but the server's own.
    public var corsOrigins: [String] = []
    /// PEM files of the certificate chain and its key; both or neither.
    public var tlsCertificate: String?
    /// The key of the certificate, a PEM file.
    public var tlsKey: String?

    /// The models, the default one first.
    public var models: [ModelEntry] = []
    /// How models compute. `threads` is also the number of the server's compute threads.
    public var compute = ModelConfiguration()
    /// The path of a file with a sample of the documents that are searched, one a line, for models that embed
    /// texts in the context of a corpus, such as cde-small-v1.
    public var corpusSample: String?
    /// The folder of the collections that requests make, change and search; nil: they cannot.
    public var dataFolder: String?
    /// The base of an endpoint of OpenAI's form whose chat model writes questions in other words, such as
    /// http://localhost:11434/v1; nil: requests for that are refused.
    public var rewriteURL: String?
    /// The chat model of ``rewriteURL``.
    public var rewriteModel: String?
    /// The key of ``rewriteURL``; nil: none is sent.
    public var rewriteKey: String?
    /// Whether a request that names an unknown model gets the default one.
    public var acceptsAnyModelName = false
    /// Whether requests may name any model of Hugging Face's cache on this machine, pull models into it and
    /// delete them from it.
    public var servesHub = false
    /// Whether all models are loaded before the first request asks for them, rather than the first model
    /// alone.
    public var preloadsAll = false
    /// Whether the server starts although a model cannot be found or read; each is loaded when it is first
    /// asked for.
    public var isLazy = false
    /// The most models in memory at once; nil: all.
    public var maxLoadedModels: Int?
    /// The most bytes of models in memory; nil: any number.
    public var maxMemory: Int?
    /// Seconds that a model stays in memory after its last request; nil: for good.
    public var keepAlive: Int?

    /// The most texts that wait.
    public var maxQueue = 16_384
    /// The most requests that are answered at once.
    public var maxConcurrentRequests = 512
    /// The most open connections; nil: as many as the system's limit of open files allows. Those that have
    /// been idle longest are closed for new ones, and then those whose request's body has stopped arriving.
    public var maxConnections: Int?
    /// The most bytes of a request's body.
    public var maxRequestBytes = 16 << 20
    /// The most bytes of all bodies that are held at once.
    public var maxBodyMemory = 256 << 20
    /// The most texts of a request.
    public var maxClientBatch = 2048
    /// The most bytes of numbers in a response.
    public var maxResponseBytes = 256 << 20
    /// The most bytes of all answers that clients have yet to read.
    public var maxResponseMemory = 256 << 20
    /// Seconds that a request may wait before it runs; nil: any number.
    public var requestTimeout: Int? = 60
    /// Seconds that the body of a request may take to arrive; nil: any number.
    public var bodyTimeout: Int? = 60
    /// Seconds that open requests may take once the server is told to stop; nil: any number.
    public var drainTimeout: Int? = 20
    /// Seconds that a connection may be idle, or its client read nothing of an answer; nil: any number.
    public var idleTimeout: Int? = 300
    /// Bytes of results that are kept for texts that come again; 0: none.
    public var cacheBytes = 0

    /// Least serious messages that are logged: trace, debug, info, notice, warning, error or critical.
    public var logLevel = "info"
    /// How a line of the log is written.
    public var logFormat = LogFormat.text
    /// The server's version, as it tells its clients.
    public var version = "0.1.0"

    /// How a line of the log is written.
    public enum LogFormat: String, Sendable, CaseIterable {
        case text, json
    }

    /// The defaults: the built-in model on 127.0.0.1.
    public init() {}
}

extension ServerConfiguration {
    /// - Throws: If values contradict each other.
    package func check() throws(ServerError) {
        if models.isEmpty { throw ServerError("no model: name one") }
        for (index, entry) in models.enumerated()
        where models[..<index].contains(where: { $0.name == entry.name }) {
            throw ServerError(
                "two models have the name \(entry.name); give one another name, as in name=path")
        }
        for setting in Setting.all { try setting.check(self) }
        if (tlsCertificate == nil) != (tlsKey == nil) {
            throw ServerError("TLS takes a certificate and a key; give both")
        }
        if (rewriteURL == nil) != (rewriteModel == nil) {
            throw ServerError("rewrite-url takes an endpoint and rewrite-model its chat model; give both")
        }
        if let apiKey, apiKey.isEmpty { throw ServerError("the API key is empty; set one, or none") }
        if isLazy, preloadsAll {
            throw ServerError("preload and lazy contradict each other; set one of them")
        }
        guard maxBodyMemory >= maxRequestBytes else {
            throw ServerError(
                "max-body-memory is \(maxBodyMemory), less than max-request-bytes, \(maxRequestBytes)")
        }
        guard maxQueue >= maxClientBatch else {
            throw ServerError(
                "max-queue is \(maxQueue), less than max-client-batch, \(maxClientBatch): such requests would never fit"
            )
        }
    }
}

#endif
