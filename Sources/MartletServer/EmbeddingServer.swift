#if Server

public import CoreMetrics
internal import HummingbirdCore
internal import Hummingbird
internal import HummingbirdTLS
internal import Logging
internal import Martlet
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import ServiceLifecycle
internal import Tracing

/// Serves embeddings over HTTP to clients of OpenAI, Text Embeddings Inference, Ollama, Cohere, Jina and llama.cpp.
///
/// ```swift
/// var configuration = ServerConfiguration()
/// configuration.models = [ModelEntry(path: "path/to/model")]
/// try await EmbeddingServer(configuration).run()
/// ```
public struct EmbeddingServer: Sendable {
    let core: ServerCore

    /// What the server counts, as a backend of swift-metrics: what is recorded there is on the page at `/metrics`, too. A program that
    /// has no other backend may pass it to `MetricsSystem.bootstrap`.
    public var metricsFactory: any MetricsFactory { core.metrics.registry }

    /// A server; nothing is loaded and no port is open yet.
    ///
    /// A tracer and a metrics backend that the program has bootstrapped (swift-distributed-tracing's `InstrumentationSystem`,
    /// swift-metrics' `MetricsSystem`) get the server's spans and metrics from here on.
    /// - Throws: ``ServerError`` if the configuration contradicts itself.
    public init(_ configuration: ServerConfiguration) throws(ServerError) {
        guard let level = Logger.Level(rawValue: configuration.logLevel) else {
            throw ServerError(
                "log-level \(configuration.logLevel): expected one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let format = configuration.logFormat
        var logger = Logger(label: "martlet") { _ in LineLogHandler(format) }
        logger.logLevel = level
        core = try ServerCore(configuration, logger: logger, metrics: MetricsSystem.factory, tracer: InstrumentationSystem.tracer)
    }

    /// Listens and answers until the process is told to stop by SIGTERM or SIGINT: then what has begun is finished.
    /// - Throws: ``ServerError`` if the address cannot be listened on, or the certificate cannot be read.
    public func run() async throws {
        let executor = LoopExecutor(threads: core.queue.threads / Self.coresPerLoop)
        var failure: (any Error)?
        do {
            let application = try application(on: executor.loops)
            try await withTaskExecutorPreference(executor) { try await application.runService() }
            core.stop()
        } catch {
            failure = error as? ServerError ?? ServerError("\(place): cannot listen: \(error)")
        }
        try? await executor.loops.shutdownGracefully()
        if let failure { throw failure }
    }

    /// Threads of forward passes for each that reads and writes connections.
    private static let coresPerLoop = 8

    private var place: String {
        let configuration = core.configuration
        if let path = configuration.unixSocket { return path }
        return "\(configuration.host):\(configuration.port)"
    }

    func application(on loops: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton) throws(ServerError)
        -> Application<ServerResponder>
    {
        let configuration = core.configuration
        let idle = configuration.idleTimeout.map { TimeAmount.seconds(Int64($0)) }
        let connections = core.connections
        let http = HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionHandler(connections, stallTimeout: idle)], idleTimeout: idle)
        var server = HTTPServerBuilder.http1(configuration: http)
        if let certificate = configuration.tlsCertificate, let key = configuration.tlsKey {
            server = try Self.tls(server, certificate, key)
        }
        let scheme = configuration.tlsCertificate == nil ? "http" : "https"
        let core = core
        return Application(
            responder: ServerResponder(core), server: server,
            configuration: ApplicationConfiguration(
                address: configuration.unixSocket.map { .unixDomainSocket(path: $0) }
                    ?? .hostname(configuration.host, port: configuration.port),
                serverName: nil, backlog: 1024),
            services: [ModelService(core: core)],
            onServerRunning: { channel in
                let address =
                    configuration.unixSocket ?? "\(scheme)://\(configuration.host):\(channel.localAddress?.port ?? configuration.port)"
                core.logger.notice(
                    "listening", metadata: ["address": "\(address)", "models": "\(core.store.names.joined(separator: ", "))"])
            },
            eventLoopGroupProvider: .shared(loops),
            logger: Logger(label: "http") { _ in QuietLogHandler() })
    }

    private static func tls(_ base: HTTPServerBuilder, _ certificate: String, _ key: String) throws(ServerError) -> HTTPServerBuilder {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(certificate).map { NIOSSLCertificateSource.certificate($0) }
            let key = NIOSSLPrivateKeySource.privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            var configuration = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: key)
            configuration.applicationProtocols = ["http/1.1"]
            return try .tls(base, tlsConfiguration: configuration)
        } catch {
            throw ServerError("\(certificate), \(key): cannot be used for TLS; expected PEM files of a certificate and its key: \(error)")
        }
    }
}

/// Loads models before they are asked for, and unloads those that nobody asks for.
struct ModelService: Service {
    let core: ServerCore

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for name in core.configuration.preloadsAll ? core.store.names : Array(core.store.names.prefix(1)) {
                do {
                    try await core.store.load(name)
                    core.logger.info("model loaded", metadata: ["model": "\(name)"])
                } catch {
                    let message = (error as? ServiceError)?.message ?? "\(error)"
                    core.logger.error("model not loaded", metadata: ["model": "\(name)", "error": "\(message)"])
                }
            }
            // Only unloading waits for the clock; requests never do.
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                core.store.unloadExpired()
                core.metrics.gauges.sample(core)
            }
        }
    }
}

#endif
