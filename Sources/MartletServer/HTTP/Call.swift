#if Server

import Synchronization
internal import HTTPTypes
internal import Martlet
internal import MartletCompute
internal import MartletJSON
internal import MartletSystem
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
    var record: CallRecord
    /// Nil unless the program traces.
    let trace: RequestTrace?
    /// Tells when the client goes away; nil in tests without a network.
    let connection: Connection?
    /// Nil for work that no request asked for.
    var route: Route?
    /// Requests that the body holds, each of which is answered by a call of its own.
    var instances = 1
    /// Whether its texts go into the queue one part after the other.
    var isInParts = false
    /// Shared by the calls for all of a body's requests.
    let admission = Admission()
    let numbers = NumberCount()

    /// The lane that the client asks for by the header `x-priority`; nil: as the texts' size says.
    func lane() throws(ServiceError) -> Lane? {
        guard let asked = head.headerFields[.priorityLane] else {
            // Small parts do not make a small request.
            return instances > 1 || isInParts ? .bulk : nil
        }
        guard let lane = Lane(rawValue: asked.lowercased()) else {
            throw .invalid("x-priority", "expected bulk or interactive, not \(asked.quotedForMessage)")
        }
        return lane
    }

    /// The body as an object.
    func fields() async throws -> RequestFields {
        let (body, record, route) = (body, record, route)
        return try await offloaded(bytes: body.readableBytes) { () throws(ServiceError) in
            var halves = 0
            let fields = try RequestFields(body: body, halves: &halves)
            if halves > 0 {
                let note = "\(halves) escapes that are half of a surrogate pair were read as U+FFFD"
                record.update { $0.notes.append(note) }
            }
            guard let route else { return fields }
            return try fields.checked(for: route)
        }
    }

    /// Calls `work` here, or on a thread of its own if it is about many bytes. Each of a body's many requests
    /// is small, all of them are not.
    func offloaded<Value: Sendable>(bytes: Int, _ work: @escaping @Sendable () throws(ServiceError) -> Value)
        async throws -> Value
    {
        try await server.offload.run(bytes: bytes * instances, work)
    }

    /// Writes an answer as JSON text.
    /// - Parameter bytes: About how many it has; their memory is taken first. One of a body's several answers
    ///   is a part of another.
    func written(bytes: Int, _ write: @escaping @Sendable () throws(ServiceError) -> [UInt8]) async throws
        -> Reply
    {
        let held = instances > 1 ? nil : try server.hold(bytes)
        let text = try await offloaded(bytes: bytes, write)
        var reply = Reply(json: text)
        guard let held, text.count > HeldBytes.piece else { return reply }
        held.resize(to: text.count)
        reply.held = held
        return reply
    }

    /// Seconds since the request arrived.
    var elapsed: UInt64 { server.clock.now() &- started }
}

/// Numbers of all results of a request.
final class NumberCount: Sendable {
    private let count = Atomic<Int>(0)

    /// How many there are with so many more.
    func add(_ more: Int) -> Int { count.wrappingAdd(more, ordering: .relaxed).newValue }
}

extension RequestFields {
    /// Without members that the route would have to read.
    fileprivate func checked(for route: Route) throws(ServiceError) -> RequestFields {
        if route.refusesUnknown { try checkOwn(read: route.members, by: route.name) }
        guard route.operation != nil, route.dialect != .own else { return self }
        let fields = route.dialect == .tei ? try withParameters() : self
        try fields.check(read: route.members, by: route.name)
        return fields
    }

    init(body: ByteBuffer, halves: inout Int) throws(ServiceError) {
        let parsed: Result<RequestFields, ServiceError> = body.withUnsafeReadableBytes { bytes in
            do throws(ServiceError) { return .success(try RequestFields(body: bytes, halves: &halves)) } catch
            { return .failure(error) }
        }
        self = try parsed.get()
    }
}

#endif
