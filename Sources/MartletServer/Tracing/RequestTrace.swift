#if Server

internal import HTTPTypes
internal import Hummingbird
internal import Tracing

/// A request in the program's tracer: a span of its own, and below it spans of what it waited for.
///
/// Attributes have the names of https://opentelemetry.io/docs/specs/semconv/http/http-spans/.
struct RequestTrace: Sendable {
    private let tracer: any Tracer
    private let span: any Span

    init(_ tracer: any Tracer, _ route: Route, _ request: Request) {
        self.tracer = tracer
        var context = ServiceContext.current ?? .topLevel
        tracer.extract(request.headers, into: &context, using: HeaderFields())
        span = tracer.startSpan("\(request.method.rawValue) \(route.path)", context: context, ofKind: .server)
        span.updateAttributes { attributes in
            attributes["http.request.method"] = request.method.rawValue
            attributes["http.route"] = route.path
            attributes["url.path"] = request.uri.path
        }
    }

    /// For whatever else is traced on the way.
    var context: ServiceContext { span.context }

    /// How the tracer names the trace and the span, if it speaks W3C's headers.
    var parent: TraceParent? {
        var fields = HTTPFields()
        tracer.inject(span.context, into: &fields, using: HeaderFields())
        return TraceParent(fields[.traceparent])
    }

    /// A part of the request that is over: the time of day it ended, and nanoseconds it took.
    func part(_ name: String, ended: UInt64, took: UInt64) {
        let part = tracer.startSpan(
            name, context: span.context,
            at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: ended &- took))
        part.end(at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: ended))
    }

    /// Ends the request's span.
    func end(_ values: CallRecord.Values, status: Int) {
        span.updateAttributes { attributes in
            attributes["http.response.status_code"] = status
            if let model = values.model { attributes["martlet.model"] = model }
            if !values.lengths.isEmpty {
                attributes["martlet.texts"] = values.lengths.count
                attributes["martlet.tokens"] = values.tokens
            }
            if status >= 500 { attributes["error.type"] = "\(status)" }
        }
        // A client's error is no error of the server.
        if status >= 500 { span.setStatus(.init(code: .error, message: values.error)) }
        span.end()
    }

    /// Nanoseconds since 1970.
    static var now: UInt64 { DefaultTracerClock.now.nanosecondsSinceEpoch }
}

/// Reads and writes what a tracer carries in headers.
private struct HeaderFields: Extractor, Injector {
    func extract(key: String, from fields: HTTPFields) -> String? {
        HTTPField.Name(key).flatMap { fields[$0] }
    }

    func inject(_ value: String, forKey key: String, into fields: inout HTTPFields) {
        if let name = HTTPField.Name(key) { fields[name] = value }
    }
}

#endif
