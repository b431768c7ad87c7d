#if Server

internal import NIOHTTP1

/// One request and its answer on a connection.
struct Exchange {
    let version: HTTPVersion
    let method: HTTPMethod
    /// The length that the body was announced with; nil if it comes in chunks.
    let length: Int?
    /// Whether the parser takes the bytes after it for another protocol's.
    let offersUpgrade: Bool
    /// Whether the client waits to be told to send its body.
    var expectsContinue: Bool
    var received = 0
    var hasRequestEnded = false
    var hasResponseStarted = false
    var hasResponseEnded = false
    /// Whether the answer has content.
    var hasContent = true
    /// Whether the connection ends after it.
    var isLast: Bool

    init(_ head: HTTPRequestHead) {
        version = head.version
        method = head.method
        let isChunked = head.headers.contains(name: "transfer-encoding")
        length = isChunked ? nil : head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        let options = head.headers[canonicalForm: "connection"].map { $0.lowercased() }
        offersUpgrade = head.headers.contains(name: "upgrade") && options.contains("upgrade")
        expectsContinue = head.version.minor > 0 && head.headers.contains(name: "expect") && length != 0
        isLast = !MessageRules.keepsConnection(head)
    }

    /// Frames an answer, and decides whether the connection goes on after it.
    /// - Parameters:
    ///   - isLast: Whether the connection ends for reasons of its own.
    ///   - shortRest: How much of a body that nobody reads is read to keep the connection.
    mutating func answer(_ head: inout HTTPResponseHead, isLast ends: Bool, shortRest: Int) {
        hasResponseStarted = true
        hasContent = MessageRules.hasContent(head.status, to: method)
        if ends || head.headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "close" }) {
            isLast = true
        }
        if !hasRequestEnded {
            let rest = length.map { $0 - received } ?? .max
            // A client that asked first may send the body or leave it out.
            if expectsContinue || rest > shortRest { isLast = true }
        }
        head.headers.remove(name: "transfer-encoding")
        if head.status == .noContent {
            head.headers.remove(name: "content-length")
        } else if hasContent, !head.headers.contains(name: "content-length") {
            // HTTP/1.0 ends such an answer by closing.
            if version.minor > 0 {
                head.headers.add(name: "transfer-encoding", value: "chunked")
            } else {
                isLast = true
            }
        }
        head.headers.remove(name: "connection")
        if isLast {
            head.headers.add(name: "connection", value: "close")
        } else if version.minor == 0 {
            head.headers.add(name: "connection", value: "keep-alive")
        }
    }
}

#endif
