internal import HTTPTypes
internal import NIOCore

/// One request on its way through a route.
struct Call: Sendable {
    let server: ServerCore
    let head: HTTPRequest
    /// Whole; at most as large as the server allows.
    let body: ByteBuffer
    /// The parts of the path that stand for something.
    let parameters: [String: String]
    /// On the server's clock.
    let started: UInt64
    let record: CallRecord
    /// Nil unless the program traces.
    let trace: RequestTrace?
    /// Tells when the client goes away; nil in tests without a network.
    let connection: Connection?

    /// The lane that the client asks for by the header `x-priority`.
    var lane: Lane? {
        guard let name = head.headerFields[.priorityLane] else { return nil }
        return Lane(rawValue: name.lowercased())
    }

    /// The body as an object.
    func fields() async throws -> RequestFields {
        let body = body
        return try await server.offload.run(bytes: body.readableBytes) { () throws(ServiceError) in try RequestFields(body: body) }
    }

    /// Seconds since the request arrived.
    var elapsed: UInt64 { server.clock.now() &- started }
}

extension RequestFields {
    init(body: ByteBuffer) throws(ServiceError) {
        let parsed: Result<RequestFields, ServiceError> = body.withUnsafeReadableBytes { bytes in
            do throws(ServiceError) { return .success(try RequestFields(body: bytes)) } catch { return .failure(error) }
        }
        self = try parsed.get()
    }
}
