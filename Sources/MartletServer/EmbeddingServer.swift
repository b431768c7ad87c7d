#if Server

public import CoreMetrics
import Synchronization
internal import HummingbirdCore
internal import Hummingbird
internal import HummingbirdTLS
internal import Logging
internal import Martlet
internal import MartletSystem
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import ServiceLifecycle
internal import Tracing

/// Serves embeddings over HTTP to clients of OpenAI, Text Embeddings Inference, Ollama, Cohere, Jina and
/// llama.cpp.
///
/// ```swift
/// var configuration = ServerConfiguration()
/// configuration.models = [ModelEntry(path: "path/to/model")]
/// try await EmbeddingServer(configuration).run()
/// ```
public struct EmbeddingServer: Sendable {
    let core: ServerCore

    /// What the server counts, as a backend of swift-metrics: what is recorded there is on the page at
    /// `/metrics`, too. A program that has no other backend may pass it to `MetricsSystem.bootstrap`.
    public var metricsFactory: any MetricsFactory { core.metrics.registry }

    /// A server; nothing is loaded and no port is open yet.
    ///
    /// A tracer and a metrics backend that the program has bootstrapped (swift-distributed-tracing's
    /// `InstrumentationSystem`, swift-metrics' `MetricsSystem`) get the server's spans and metrics from here
    /// on.
    /// - Throws: ``ServerError`` if the configuration contradicts itself.
    public init(_ configuration: ServerConfiguration) throws(ServerError) {
        guard let level = Logger.Level(rawValue: configuration.logLevel) else {
            throw ServerError(
                "log-level \(configuration.logLevel): expected one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        let format = configuration.logFormat
        var logger = Logger(label: "martlet") { _ in LineLogHandler(format) }
        logger.logLevel = level
        core = try ServerCore(
            configuration, logger: logger, metrics: MetricsSystem.factory,
            tracer: InstrumentationSystem.tracer)
    }

    /// Listens and answers until the process is told to stop by SIGTERM or SIGINT: then what has begun is
    /// finished, for as long as ``ServerConfiguration/drainTimeout`` says. A second signal ends the process
    /// at once.
    ///
    /// It raises the process's soft limit of open files to the hard one.
    /// - Throws: ``ServerError`` if a model cannot be found or read, the address cannot be listened on, or
    ///   the certificate cannot be read.
    public func run() async throws {
        OpenFiles.raiseLimit()
        try await core.checkModels()
        if let path = core.configuration.unixSocket { try UnixSocket.prepare(path) }
        try core.collections?.makeFolder()
        let loops = max(1, core.queue.threads / Self.coresPerLoop)
        try ThreadRoom.check(loops: loops)
        let executor = LoopExecutor(threads: loops)
        var failure: ServerError?
        do {
            let application = try application(on: executor.loops)
            let group = ServiceGroup(
                configuration: .init(services: [application], logger: application.logger))
            try StopSignals.watch { [core] in
                core.logger.notice(
                    "stopping",
                    metadata: [
                        "open_requests": .stringConvertible(core.openRequests.load(ordering: .relaxed))
                    ])
                Task { await group.triggerGracefulShutdown() }
                Task { await core.drain() }
            }
            try await withTaskExecutorPreference(executor) { try await group.run() }
            core.stop()
        } catch {
            failure = Self.failure(error, place: place)
        }
        // Connections and loops end with the process, and a client that holds one must not hold that.
        if failure == nil { try? await executor.loops.shutdownGracefully() }
        if let failure { throw failure }
    }

    /// What an error says in words for people.
    static func failure(_ error: any Error, place: String) -> ServerError {
        switch error {
        case let error as ServerError: error
        case let error as ServiceError: ServerError(error.message)
        case let error as IOError:
            switch error.errnoCode {
            case EADDRINUSE:
                ServerError("\(place) is in use by another program; stop it, or choose another port")
            case EACCES, EPERM:
                ServerError(
                    "\(place): the system allows this user no such port; ports below 1024 need a privilege")
            case EADDRNOTAVAIL: ServerError("\(place): this machine does not have that address")
            default: ServerError("\(place): cannot listen: \(error)")
            }
        default: ServerError("\(place): cannot listen: \(error)")
        }
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
        let isSecure = configuration.tlsCertificate != nil
        let connections = core.connections
        let timeouts = ExchangeHandler.Timeouts(configuration)
        var server = HTTPServerBuilder { responder in
            HTTPServerChannel(
                responder: responder, connections: connections, timeouts: timeouts,
                mostBodyBytes: configuration.maxRequestBytes,
                isSecure: isSecure)
        }
        if let certificate = configuration.tlsCertificate, let key = configuration.tlsKey {
            server = try Self.tls(server, certificate, key)
        }
        let scheme = isSecure ? "https" : "http"
        let core = core
        return Application(
            responder: ServerResponder(core), server: server,
            configuration: ApplicationConfiguration(
                address: configuration.unixSocket.map { .unixDomainSocket(path: $0) }
                    ?? .hostname(configuration.host, port: configuration.port),
                serverName: nil, backlog: 1024),
            services: [ModelService(core: core)],
            onServerRunning: { channel in
                let limit = min(configuration.maxConnections ?? .max, OpenFiles.connections)
                try? await channel.eventLoop.submit {
                    try channel.pipeline.syncOperations.addHandler(
                        AcceptHandler(connections, limit: limit), position: .first)
                }.get()
                let address =
                    configuration.unixSocket
                    ?? "\(scheme)://\(configuration.host):\(channel.localAddress?.port ?? configuration.port)"
                core.logger.notice(
                    "listening",
                    metadata: [
                        "address": "\(address)", "models": "\(core.store.names.joined(separator: ", "))",
                    ])
            },
            eventLoopGroupProvider: .shared(loops),
            logger: Logger(label: "http") { _ in QuietLogHandler() })
    }

    private static func tls(_ base: HTTPServerBuilder, _ certificate: String, _ key: String)
        throws(ServerError) -> HTTPServerBuilder
    {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(certificate).map {
                NIOSSLCertificateSource.certificate($0)
            }
            let key = NIOSSLPrivateKeySource.privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain, privateKey: key)
            configuration.applicationProtocols = ["http/1.1"]
            return try .tls(base, tlsConfiguration: configuration)
        } catch {
            throw ServerError(
                "\(certificate), \(key): cannot be used for TLS; expected PEM files of a certificate and its key: \(error)"
            )
        }
    }
}

/// Loads models before they are asked for, and unloads those that nobody asks for.
struct ModelService: Service {
    let core: ServerCore

    func run() async throws {
        let failure = await cancelWhenGracefulShutdown { await work() }
        if let failure { throw failure }
    }

    /// - Returns: Why the server cannot go on.
    private func work() async -> ServiceError? {
        let configuration = core.configuration
        let names =
            configuration.isLazy
            ? [] : configuration.preloadsAll ? core.store.names : Array(core.store.names.prefix(1))
        for name in names {
            do {
                try await core.store.load(name)
                core.logger.info("model loaded", metadata: ["model": "\(name)"])
            } catch let error as ServiceError where !Task.isCancelled {
                return error
            } catch {
                break
            }
        }
        // Only unloading waits for the clock; requests never do.
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            core.store.unloadExpired()
            core.collections?.releaseWriters()
            core.metrics.gauges.sample(core)
        }
        return nil
    }
}

extension ServerCore {
    /// Waits for open connections, and closes those that are left when the time for that is over.
    func drain() async {
        guard let seconds = configuration.drainTimeout else { return }
        let end = clock.now() &+ UInt64(seconds) * 1_000_000_000
        while connections.count > 0, clock.now() < end { try? await Task.sleep(for: .milliseconds(20)) }
        let left = connections.count
        guard left > 0 else { return }
        logger.warning(
            "closing connections that are still open", metadata: ["connections": .stringConvertible(left)])
        connections.closeAll()
    }
}

extension ExchangeHandler.Timeouts {
    init(_ configuration: ServerConfiguration) {
        self.init()
        idle = configuration.idleTimeout.map { .seconds(Int64($0)) }
        stall = idle
        body = configuration.bodyTimeout.map { .seconds(Int64($0)) }
    }
}

#endif
