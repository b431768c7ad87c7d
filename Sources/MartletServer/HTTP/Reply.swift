#if Server

internal import HTTPTypes
internal import Hummingbird
internal import MartletJSON
internal import NIOCore

/// What a route answers with.
struct Reply: Sendable {
    var status = 200
    var contentType: String?
    var body: Body
    var headers: [(HTTPField.Name, String)] = []
    /// Counts a large answer until its client has read it.
    var held: HeldBytes?

    enum Body: Sendable {
        case bytes([UInt8])
        /// Written piece by piece, as it comes.
        case stream(AsyncStream<[UInt8]>)
    }

    static let json = "application/json"

    /// JSON text.
    init(json bytes: [UInt8]) {
        body = .bytes(bytes)
        contentType = Self.json
    }

    init(json value: JSONValue, status: Int = 200) {
        self.init(json: value.bytes)
        self.status = status
    }

    init(text: String, type: String = "text/plain; charset=utf-8") {
        body = .bytes(Array(text.utf8))
        contentType = type
    }

    /// One JSON text to a line.
    init(lines: AsyncStream<[UInt8]>) {
        body = .stream(lines)
        contentType = "application/x-ndjson"
    }

    static let empty: Reply = {
        var reply = Reply(json: [])
        reply.contentType = nil
        return reply
    }()

    /// 204: there is nothing to say.
    static let nothing: Reply = {
        var reply = Reply.empty
        reply.status = 204
        return reply
    }()

    func response() -> Response {
        var fields = HTTPFields()
        fields.reserveCapacity(headers.count + 4)
        if let contentType { fields[.contentType] = contentType }
        for (name, value) in headers { fields.append(HTTPField(name: name, value: value)) }
        let status = HTTPResponse.Status(code: status)
        switch body {
        case .bytes(let bytes) where held != nil:
            let held = held
            let body = ResponseBody(contentLength: bytes.count) { writer in
                // Piece by piece, so that a client that reads slowly is told from one that does not read, and
                // the bytes are not there twice.
                for start in stride(from: 0, to: bytes.count, by: HeldBytes.piece) {
                    try await writer.write(
                        ByteBuffer(bytes: bytes[start..<min(start + HeldBytes.piece, bytes.count)]))
                }
                try await writer.finish(nil)
                held?.release()
            }
            return Response(status: status, headers: fields, body: body)
        case .bytes(let bytes):
            return Response(
                status: status, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        case .stream(let lines):
            return Response(
                status: status, headers: fields,
                body: ResponseBody(asyncSequence: lines.map { ByteBuffer(bytes: $0) }))
        }
    }
}

#endif
