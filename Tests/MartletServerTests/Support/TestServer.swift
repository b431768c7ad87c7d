#if Server

import MartletSystem
import CoreMetrics
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import MartletHTTP
import MartletJSON
import MartletMiniLM
import NIOCore
import Testing
import Tracing

@testable import Martlet
@testable import MartletServer

/// A server in this process over the model inside the binary.
struct TestServer: Sendable {
    let core: ServerCore
    let responder: ServerResponder

    /// The one that most tests share.
    static let shared = Result { try TestServer() }

    init(
        _ change: (inout ServerConfiguration) -> Void = { _ in }, loader: ModelStore.Loader? = nil,
        transport: (any HTTPTransport)? = nil, metrics: any MetricsFactory = NOOPMetricsHandler.instance,
        tracer: (any Tracer)? = nil,
        log: (any LogHandler)? = nil,
        clock: Clock = .system
    ) throws {
        var configuration = ServerConfiguration()
        configuration.models = [
            ModelEntry(name: "all-MiniLM-L6-v2", aliases: ["all-minilm"], source: .miniLM)
        ]
        configuration.compute = ModelConfiguration(threads: 2, precision: .f32)
        change(&configuration)
        var logger = Logger(label: "test") { _ in log ?? QuietLogHandler() }
        logger.logLevel = log == nil ? .critical : .info
        core = try ServerCore(
            configuration, clock: clock, logger: logger, loader: loader, transport: transport,
            metrics: metrics,
            tracer: tracer)
        responder = ServerResponder(core)
    }

    /// Ends the threads, so that texts wait until the test runs them.
    func holdTexts() {
        core.stop()
        core.queue.monitor.withLock { $0.isClosed = false }
    }

    struct Answer {
        let status: Int
        let headers: HTTPFields
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSONValue { (try? JSONValue.parse(body)) ?? .null }
        subscript(key: String) -> JSONValue? { json[key] }
        func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }
    }

    /// Calls the server's router, without a network.
    func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, headers: [String: String] = [:]
    ) async throws -> Answer {
        try await send(method, path, bytes: body.map { Array($0.utf8) }, headers: headers)
    }

    func send(_ method: HTTPRequest.Method, _ path: String, bytes: [UInt8]?, headers: [String: String] = [:])
        async throws -> Answer
    {
        var fields = HTTPFields()
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        let given = fields
        return try await Application(responder: responder, logger: core.logger).test(.router) { client in
            try await client.execute(
                uri: path, method: method, headers: given, body: bytes.map { ByteBuffer(bytes: $0) }
            ) { response in
                Answer(
                    status: response.status.code, headers: response.headers,
                    body: Array(buffer: response.body))
            }
        }
    }

    /// A sample of the page of metrics, such as `te_embed_count`; nil if it is not there.
    func metric(_ sample: String) -> Double? {
        let line = core.metrics.registry.text.split(separator: "\n").first { $0.hasPrefix(sample + " ") }
        return line.flatMap { Double($0.dropFirst(sample.count + 1)) }
    }

    func post(_ path: String, _ body: String, headers: [String: String] = [:]) async throws -> Answer {
        try await send(.post, path, body, headers: headers)
    }
}

extension JSONValue {
    /// A list of numbers.
    var floats: [Float]? {
        guard let array else { return nil }
        return array.compactMap { $0.double.map { Float($0) } }
    }
}

/// What the library gives for the same texts.
func expected(_ texts: [String], _ options: EmbedOptions = .init()) throws -> [[Float]] {
    let embedder = try TestServer.shared.get().embedder()
    return try embedder.embedBlocking(texts, options: options).map(\.values)
}

extension TestServer {
    private static let library = Result {
        try Embedder(.miniLM, configuration: .init(threads: 1, precision: .f32))
    }
    func embedder() throws -> Embedder { try Self.library.get() }
}

#endif
