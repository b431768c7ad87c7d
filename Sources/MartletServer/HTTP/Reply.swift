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

    func response() -> Response {
        var fields = HTTPFields()
        fields.reserveCapacity(headers.count + 4)
        if let contentType { fields[.contentType] = contentType }
        for (name, value) in headers { fields.append(HTTPField(name: name, value: value)) }
        let status = HTTPResponse.Status(code: status)
        switch body {
        case .bytes(let bytes) where held != nil:
            let (buffer, held) = (ByteBuffer(bytes: bytes), held)
            let body = ResponseBody(contentLength: buffer.readableBytes) { writer in
                var rest = buffer
                // Piece by piece, so that a client that reads slowly is told from one that does not read.
                while rest.readableBytes > 0, let piece = rest.readSlice(length: min(HeldBytes.piece, rest.readableBytes)) {
                    try await writer.write(piece)
                }
                try await writer.finish(nil)
                held?.release()
            }
            return Response(status: status, headers: fields, body: body)
        case .bytes(let bytes):
            return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        case .stream(let lines):
            return Response(status: status, headers: fields, body: ResponseBody(asyncSequence: lines.map { ByteBuffer(bytes: $0) }))
        }
    }
}
