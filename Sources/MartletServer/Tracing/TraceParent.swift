#if Server

/// The header `traceparent`: which trace a request belongs to
/// (https://www.w3.org/TR/trace-context/#traceparent-header).
struct TraceParent: Sendable, Equatable {
    /// 32 hexadecimal digits.
    let traceID: String
    /// 16 hexadecimal digits: the caller's span.
    let spanID: String
    /// Two hexadecimal digits.
    let flags: String

    init(traceID: String, spanID: String, flags: String) {
        self.traceID = traceID
        self.spanID = spanID
        self.flags = flags
    }

    /// Nil if the header is malformed: the trace then begins here, as the specification has it.
    init?(_ header: String?) {
        guard let header, header.utf8.count >= 55 else { return nil }
        let parts = header.split(separator: "-", maxSplits: 4, omittingEmptySubsequences: false).map(
            String.init)
        guard parts.count >= 4, zip([2, 32, 16, 2], parts).allSatisfy({ Self.isHex($1, $0) }) else {
            return nil
        }
        // Version 00 has four parts; later ones may have more. ff is none.
        guard parts[0] != "ff", parts[0] != "00" || parts.count == 4 else { return nil }
        guard parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" }) else {
            return nil
        }
        self.init(traceID: parts[1], spanID: parts[2], flags: parts[3])
    }

    private static func isHex(_ text: String, _ count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }

    /// The header's text. `traceresponse` has the same form, with the span that answered
    /// (https://w3c.github.io/trace-context/#traceresponse-header).
    var header: String { "00-\(traceID)-\(spanID)-\(flags)" }

    /// The same trace, with another span.
    func with(span: String) -> TraceParent { TraceParent(traceID: traceID, spanID: span, flags: flags) }
}

#endif
