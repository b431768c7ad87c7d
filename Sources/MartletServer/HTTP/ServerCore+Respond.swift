#if Server

import Synchronization
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import Martlet
internal import MartletJSON
internal import MartletSystem
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPCompression
internal import Tracing

extension ServerCore {
    /// Answers a request by a route, whatever happens.
    func respond(_ route: Route, _ request: Request, _ context: ServerContext) async -> Response {
        let started = clock.now()
        let record = CallRecord()
        let id = RequestIDs.accepted(request.headers[.requestID]) ?? nextRequestID()
        openRequests.wrappingAdd(1, ordering: .relaxed)
        let span = tracer.map { RequestTrace($0, route, request) }
        var reply: Reply
        do {
            if let span {
                reply = try await ServiceContext.withValue(span.context) {
                    try await answer(route, request, context, started, record, span)
                }
            } else {
                reply = try await answer(route, request, context, started, record, nil)
            }
            reply = try holding(reply)
        } catch {
            reply = failure(error, route, record, id)
        }
        openRequests.wrappingSubtract(1, ordering: .relaxed)
        let elapsed = clock.now() &- started
        let values = record.snapshot
        reply.headers.append((.requestID, id))
        if values.isLast { reply.headers.append((.connection, "close")) }
        // Without a tracer the request is still a part of its caller's trace, under a span that only the log
        // knows.
        let trace = span?.parent ?? TraceParent(request.headers[.traceparent])?.with(span: nextRequestID())
        if let trace { reply.headers.append((.traceresponse, trace.header)) }
        span?.end(values, status: reply.status)
        if route.operation != nil { Self.describe(values, elapsed, route, &reply) }
        metrics.finished(values, route: route, status: reply.status, nanoseconds: elapsed)
        log(request, on: route, values, reply: reply, id: id, trace: trace, elapsed: elapsed)
        return reply.response()
    }

    private func answer(
        _ route: Route, _ request: Request, _ context: ServerContext, _ started: UInt64, _ record: CallRecord,
        _ trace: RequestTrace?
    ) async throws -> Reply {
        let connection = connections[context.channel]
        // Authentication comes before the body is read.
        if !route.isOpen, !isAllowed(Self.key(of: request)) {
            throw ServiceError(
                .unauthorized, "the API key is missing or wrong; send it as Authorization: Bearer KEY")
        }
        let body = try await body(of: request, route: route, record: record, connection: connection)
        wholeBodyBytes.wrappingAdd(body.readableBytes, ordering: .relaxed)
        defer { wholeBodyBytes.wrappingSubtract(body.readableBytes, ordering: .relaxed) }
        if route.operation != nil {
            // Only whole requests count: a client that sends slowly takes no other's place.
            let limit = configuration.maxConcurrentRequests
            let count = runningRequests.wrappingAdd(1, ordering: .relaxed).newValue
            guard count <= limit else {
                runningRequests.wrappingSubtract(1, ordering: .relaxed)
                throw ServiceError(
                    .overloaded(retryAfter: 1), "the server answers \(limit) requests at a time; try again")
            }
        }
        defer { if route.operation != nil { runningRequests.wrappingSubtract(1, ordering: .relaxed) } }
        var parameters: [String: String] = [:]
        for (name, value) in context.parameters { parameters[String(name)] = String(value).percentDecoded }
        let call = Call(
            server: self, head: request.head, body: body, parameters: parameters, started: started,
            record: record,
            trace: trace, connection: connection, route: route)
        return try await route.handle(call)
    }

    /// The whole body. What has arrived counts, not what is announced.
    private func body(of request: Request, route: Route, record: CallRecord, connection: Connection?)
        async throws -> ByteBuffer
    {
        let limit = route.request == nil ? Self.mostUnreadBytes : configuration.maxRequestBytes
        let announced = request.headers[.contentLength].flatMap { Int($0) }
        if let announced, announced > limit { throw Self.bodyTooLarge(limit) }
        try Self.checkEncoding(request.headers[.contentEncoding])
        if request.headers[.expect] != nil { connection?.wantBody() }
        var held = 0
        defer { bodyBytes.wrappingSubtract(held, ordering: .relaxed) }
        func hold(_ more: Int) throws(ServiceError) {
            held += more
            guard bodyBytes.wrappingAdd(more, ordering: .relaxed).newValue <= configuration.maxBodyMemory
            else {
                throw ServiceError(
                    .overloaded(retryAfter: 1),
                    "the bodies of other requests take all the memory for them; try again")
            }
            try AddressNeed.check(
                bodies: bodyBytes.load(ordering: .relaxed) + wholeBodyBytes.load(ordering: .relaxed))
        }
        var body = ByteBuffer()
        do {
            for try await part in request.body {
                guard part.readableBytes <= limit - body.readableBytes else { throw Self.bodyTooLarge(limit) }
                try hold(part.readableBytes)
                if body.readableBytes == 0 { body = part } else { body.writeImmutableBuffer(part) }
            }
        } catch {
            // Nothing is read after a body that breaks off.
            if !(error is ServiceError) { record.update { $0.isLast = true } }
            throw Self.unreadable(error, limit: limit, timeout: configuration.bodyTimeout)
        }
        return body
    }

    /// A large answer takes memory until its client has read it. Most have taken it before they were written.
    private func holding(_ reply: Reply) throws(ServiceError) -> Reply {
        guard case .bytes(let bytes) = reply.body, reply.held == nil else { return reply }
        var reply = reply
        reply.held = try hold(bytes.count)
        return reply
    }

    /// Takes memory for an answer; nil if it is small.
    func hold(_ bytes: Int) throws(ServiceError) -> HeldBytes? {
        guard bytes > HeldBytes.piece else { return nil }
        try AddressNeed.check(answer: bytes)
        if let held = HeldBytes(bytes, of: answers, limit: configuration.maxResponseMemory) { return held }
        throw ServiceError(
            .overloaded(retryAfter: 1),
            "answers that other clients have yet to read take all the memory for them; try again")
    }

    /// Bytes of a body that no route reads.
    private static let mostUnreadBytes = 4096

    /// Why a body did not come whole: what the client did, never the server's fault.
    private static func unreadable(_ error: any Error, limit: Int, timeout: Int?) -> ServiceError {
        switch error {
        case let error as ServiceError: error
        case NIOHTTPDecompression.DecompressionError.limit: bodyTooLarge(limit)
        case is NIOHTTPDecompression.DecompressionError, is NIOHTTPDecompression.ExtraDecompressionError:
            ServiceError(
                .syntax, "the body cannot be decompressed: it is damaged, or not what Content-Encoding says")
        case BodyTimeout.givenUp:
            ServiceError(
                .bodyTimeout,
                "the body stopped arriving, and other clients wait for a connection (max-connections); the "
                    + "connection is closed; send the request again")
        case is BodyTimeout:
            ServiceError(
                .bodyTimeout,
                "the body did not arrive within \(timeout ?? 0) s (body-timeout); the connection is closed")
        // The connection ended in the middle of it.
        case HTTPParserError.invalidEOFState: ServiceError(SchedulingError.cancelled)
        case let error as HTTPParserError: ServiceError(.syntax, "the body is not well-formed HTTP: \(error)")
        // Of the connection.
        default: ServiceError(SchedulingError.cancelled)
        }
    }

    /// Bodies are decompressed before they come here.
    private static func checkEncoding(_ encoding: String?) throws(ServiceError) {
        guard let encoding, !["", "identity", "gzip", "deflate"].contains(encoding.lowercased()) else {
            return
        }
        throw ServiceError(
            .unsupportedEncoding,
            "the content encoding \(encoding.quotedForMessage) is not supported; send gzip, deflate or none")
    }

    private static func bodyTooLarge(_ limit: Int) -> ServiceError {
        ServiceError(.bodyTooLarge, "the body is larger than \(limit) bytes, the most that the server takes")
    }

    private static func key(of request: Request) -> String? {
        if let bearer = request.headers[.authorization] {
            let parts = bearer.split(separator: " ", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == "bearer" { return String(parts[1]) }
        }
        return request.headers[.apiKey] ?? request.headers[.azureKey]
    }

    /// The one place where errors become answers.
    private func failure(_ error: any Error, _ route: Route, _ record: CallRecord, _ id: String) -> Reply {
        let known = Self.known(error)
        let shown = known ?? ServiceError(.inference, "the server failed; its log has the reason under \(id)")
        if known == nil {
            logger.error("unexpected error", metadata: ["request_id": "\(id)", "error": "\(error)"])
        }
        record.update {
            $0.failure = Dialect.failureLabel(shown.kind)
            $0.error = shown.message
        }
        let dialect = record.snapshot.dialect ?? route.dialect
        var reply = Reply(json: dialect.body(shown), status: dialect.status(shown.kind))
        if let seconds = shown.retryAfter { reply.headers.append((.retryAfter, "\(seconds)")) }
        if shown.kind == .unsupportedEncoding { reply.headers.append((.acceptEncoding, "gzip, deflate")) }
        if shown.kind == .unauthorized { reply.headers.append((.wwwAuthenticate, "Bearer")) }
        return reply
    }

    private static func known(_ error: any Error) -> ServiceError? {
        switch error {
        case let error as ServiceError: error
        case let error as MartletError: ServiceError(error)
        case let error as SchedulingError: ServiceError(error)
        case is CancellationError: ServiceError(.cancelled, "the caller went away")
        default: nil
        }
    }

    /// Says by headers what the request took, and which texts were cut.
    private static func describe(
        _ values: CallRecord.Values, _ elapsed: UInt64, _ route: Route, _ reply: inout Reply
    ) {
        if !values.truncatedInputs.isEmpty {
            reply.headers.append(
                (.truncatedInputs, values.truncatedInputs.map(String.init).joined(separator: ",")))
        }
        if !values.notes.isEmpty { reply.headers.append((.notes, values.notes.joined(separator: "; "))) }
        guard route.dialect == .tei, reply.status == 200 else { return }
        func milliseconds(_ nanoseconds: UInt64) -> String { "\(nanoseconds / 1_000_000)" }
        reply.headers += [
            (.computeType, "cpu"), (.computeTime, milliseconds(elapsed)),
            (.computeCharacters, "\(values.characters)"),
            (.computeTokens, "\(values.tokens)"), (.totalTime, milliseconds(elapsed)),
            (.tokenizationTime, milliseconds(values.tokenization)), (.queueTime, milliseconds(values.queued)),
            (.inferenceTime, milliseconds(values.computed)),
        ]
    }

    private func log(
        _ request: Request, on route: Route, _ values: CallRecord.Values, reply: Reply, id: String,
        trace: TraceParent?, elapsed: UInt64
    ) {
        // Probes and scrapes come every few seconds.
        let level: Logger.Level = reply.status >= 500 ? .warning : route.isOpen ? .debug : .info
        guard logger.logLevel <= level else { return }
        var metadata: Logger.Metadata = [
            "request_id": .string(id), "method": .string(request.method.rawValue),
            "path": .string(request.uri.path),
            "status": .stringConvertible(reply.status),
            "ms": .stringConvertible(Double(elapsed / 10_000) / 100),
        ]
        if let trace {
            metadata["trace_id"] = "\(trace.traceID)"
            metadata["span_id"] = "\(trace.spanID)"
        }
        if let model = values.model { metadata["model"] = .string(model) }
        if !values.lengths.isEmpty {
            metadata["texts"] = .stringConvertible(values.lengths.count)
            metadata["tokens"] = .stringConvertible(values.tokens)
            metadata["queue_ms"] = .stringConvertible(Double(values.queued / 10_000) / 100)
        }
        if values.truncated > 0 { metadata["truncated"] = .stringConvertible(values.truncated) }
        if !values.notes.isEmpty { metadata["notes"] = .string(values.notes.joined(separator: "; ")) }
        if let error = values.error { metadata["error"] = .string(error) }
        logger.log(level: level, "request", metadata: metadata)
    }
}

#endif
