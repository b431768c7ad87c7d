#if Server

import HTTPTypes
import InMemoryTracing
import Logging
import Testing
import Tracing

@testable import MartletServer

@Suite struct TracingTests {
    private static let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let parent = "00-\(traceID)-00f067aa0ba902b7-01"

    @Test(arguments: [
        "", "00", "00-\(traceID)-00f067aa0ba902b7", "00-\(traceID)-00f067aa0ba902b7-01-x",
        "ff-\(traceID)-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "00-\(traceID)-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", "00-\(traceID)-00f067aa0ba902b-01",
        "0g-\(traceID)-00f067aa0ba902b7-01",
        "00-\(traceID)-00f067aa0ba902b7-01x",
    ])
    func malformedHeadersBeginNoTrace(header: String) { #expect(TraceParent(header) == nil) }

    @Test func headersOfLaterVersionsAreRead() {
        let later = TraceParent("cc-\(Self.traceID)-00f067aa0ba902b7-01-what-comes")
        #expect(later == TraceParent(Self.parent) && later?.header == Self.parent)
    }

    @Test func theCallersTraceIsInTheLogAndTheAnswer() async throws {
        let lines = KeptLog()
        let server = try TestServer({ _ in }, log: lines)
        let answer = try await server.post(
            "/embed", #"{"inputs":"a"}"#, headers: ["traceparent": Self.parent])
        let response = try #require(TraceParent(answer.header("traceresponse")))
        #expect(
            response.traceID == Self.traceID && response.spanID != "00f067aa0ba902b7"
                && response.flags == "01")
        _ = try await server.post("/embed", "{", headers: ["traceparent": Self.parent])
        let plain = try await server.post("/embed", #"{"inputs":"a"}"#)
        #expect(plain.header("traceresponse") == nil)
        let answered = lines.events.compactMap(\.metadata).filter { $0["status"] != nil }
        let traces = answered.map { $0["trace_id"]?.description }
        #expect(traces == [Self.traceID, Self.traceID, nil])
        #expect(answered.first?["span_id"]?.description == response.spanID)
    }

    @Test func aRequestHasSpansOfWhatItWaitedFor() async throws {
        let tracer = InMemoryTracer()
        let server = try TestServer({ _ in }, tracer: tracer)
        let caller = ["in-memory-trace-id": "t", "in-memory-span-id": "caller"]
        #expect(
            try await server.post("/embed", #"{"inputs":["a cat","a dog"]}"#, headers: caller).status == 200)
        let spans = tracer.popFinishedSpans()
        let request = try #require(spans.first { $0.operationName == "POST /embed" })
        #expect(
            request.traceID == "t" && request.parentSpanID == "caller" && request.kind == .server
                && request.status == nil)
        #expect(request.attributes.get("http.response.status_code") == 200.toSpanAttribute())
        #expect(request.attributes.get("martlet.texts") == 2.toSpanAttribute())
        let parts = spans.filter { $0.parentSpanID == request.spanID }
        #expect(
            parts.map(\.operationName) == ["tokenize", "queue", "inference"]
                && parts.allSatisfy { $0.traceID == "t" })
        // Waiting ends where computing begins.
        #expect(parts[1].endInstant.nanosecondsSinceEpoch == parts[2].startInstant.nanosecondsSinceEpoch)
        #expect(parts[2].endInstant.nanosecondsSinceEpoch > parts[2].startInstant.nanosecondsSinceEpoch)
    }

    @Test func onlyTheServersErrorsAreErrorsOfTheSpan() async throws {
        let tracer = InMemoryTracer()
        let server = try TestServer({ $0.models = [.init(path: "/nonexistent/model")] }, tracer: tracer)
        _ = try await server.post("/embed", "{}")
        _ = try await server.post("/embed", #"{"inputs":"a"}"#)
        let spans = tracer.popFinishedSpans()
        #expect(
            spans.map { $0.attributes.get("http.response.status_code") } == [
                422.toSpanAttribute(), 503.toSpanAttribute(),
            ])
        #expect(spans[0].status == nil && spans[1].status?.code == .error)
        #expect(spans[1].status?.message?.contains("/nonexistent/model") == true)
    }

    /// A tracer of W3C's headers names the trace in the log and in the answer.
    @Test func theTracersNameOfTheTraceIsTheAnswers() async throws {
        let lines = KeptLog()
        let server = try TestServer({ _ in }, tracer: W3CTracer(), log: lines)
        let answer = try await server.post(
            "/embed", #"{"inputs":"a"}"#, headers: ["traceparent": Self.parent])
        #expect(answer.header("traceresponse") == "00-\(Self.traceID)-1234567890abcdef-01")
        let line = lines.events.compactMap(\.metadata).first { $0["status"] != nil }
        #expect(
            line?["trace_id"]?.description == Self.traceID
                && line?["span_id"]?.description == "1234567890abcdef")
    }
}

/// Passes on the caller's trace with one span of its own.
private struct W3CTracer: Tracer {
    private enum Key: ServiceContextKey { typealias Value = TraceParent }

    func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant,
        function: String, file fileID: String, line: UInt
    ) -> NoOpTracer.NoOpSpan {
        NoOpTracer().startSpan(
            operationName, context: context(), ofKind: kind, at: instant(), function: function, file: fileID,
            line: line)
    }

    func forceFlush() {}

    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    )
    where Extract.Carrier == Carrier {
        context[Key.self] = TraceParent(extractor.extract(key: "traceparent", from: carrier))
    }

    func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    )
    where Inject.Carrier == Carrier {
        guard let parent = context[Key.self] else { return }
        injector.inject(parent.with(span: "1234567890abcdef").header, forKey: "traceparent", into: &carrier)
    }
}

#endif
