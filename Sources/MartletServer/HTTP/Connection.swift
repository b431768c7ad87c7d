#if Server

internal import NIOCore
internal import NIOHTTPTypes
import Synchronization

/// Whether the client of a connection is still there, and what it does.
final class Connection: Sendable {
    private struct State {
        var isClosed = false
        var next = 0
        var handlers: [Int: @Sendable () -> Void] = [:]
    }
    private let state = Mutex(State())
    private let channel: any Channel
    /// Nanoseconds of the loops' clock; 0 while a request is read or answered.
    private let idleSince = Atomic<UInt64>(0)

    init(_ channel: any Channel) { self.channel = channel }

    /// Since when it waits for a request; nil: it does not.
    var idle: UInt64? {
        let since = idleSince.load(ordering: .relaxed)
        return since == 0 ? nil : since
    }

    func setIdle(_ since: UInt64?) { idleSince.store(since ?? 0, ordering: .relaxed) }

    /// Tells a client that asked first to send its body.
    func wantBody() { channel.triggerUserOutboundEvent(BodyWanted(), promise: nil) }

    /// Closes it if no request is read or answered on it.
    func closeIfIdle() {
        channel.eventLoop.execute { [self] in
            if idle != nil { channel.close(mode: .all, promise: nil) }
        }
    }

    func closeNow() { channel.close(mode: .all, promise: nil) }

    /// A handler that can be taken back.
    struct Watch {
        fileprivate let connection: Connection
        fileprivate let number: Int

        func cancel() { connection.state.withLock { _ = $0.handlers.removeValue(forKey: number) } }
    }

    /// Calls `handler` once the client is gone, at once if it is.
    func onClose(_ handler: @escaping @Sendable () -> Void) -> Watch {
        let number: Int? = state.withLock { state in
            if state.isClosed { return nil }
            state.next += 1
            state.handlers[state.next] = handler
            return state.next
        }
        guard let number else {
            handler()
            return Watch(connection: self, number: 0)
        }
        return Watch(connection: self, number: number)
    }

    func close() {
        let handlers = state.withLock { state in
            state.isClosed = true
            defer { state.handlers = [:] }
            return Array(state.handlers.values)
        }
        for handler in handlers { handler() }
    }
}

/// The open connections, by their channels.
final class Connections: Sendable {
    private let open = Mutex([ObjectIdentifier: Connection]())

    subscript(channel: any Channel) -> Connection? { open.withLock { $0[ObjectIdentifier(channel)] } }

    var count: Int { open.withLock { $0.count } }

    func add(_ channel: any Channel) -> Connection {
        let connection = Connection(channel)
        open.withLock { $0[ObjectIdentifier(channel)] = connection }
        return connection
    }

    func remove(_ channel: any Channel) {
        open.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    /// Closes those that have waited longest for a request.
    /// - Returns: Whether there was one.
    func closeLongestIdle(_ count: Int) -> Bool {
        let idle = open.withLock { open in
            open.values.compactMap { connection in connection.idle.map { ($0, connection) } }
        }
        for (_, connection) in idle.sorted(by: { $0.0 < $1.0 }).prefix(count) { connection.closeIfIdle() }
        return !idle.isEmpty
    }

    func closeAll() {
        let all = open.withLock { Array($0.values) }
        for connection in all { connection.closeNow() }
    }
}

/// Sees the client go away, and closes a connection whose client does not read.
final class ConnectionHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    private let connections: Connections
    private let connection: Connection
    /// How long a client may read nothing of what is sent to it.
    private let stallTimeout: TimeAmount?
    private var stall: Scheduled<Void>?

    init(_ connection: Connection, _ connections: Connections, stallTimeout: TimeAmount? = nil) {
        self.connection = connection
        self.connections = connections
        self.stallTimeout = stallTimeout
    }

    func handlerRemoved(context: ChannelHandlerContext) { end(context) }

    func channelInactive(context: ChannelHandlerContext) {
        end(context)
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stall?.cancel()
        stall = nil
        if !context.channel.isWritable, let stallTimeout {
            let channel = context.channel
            stall = context.eventLoop.scheduleTask(in: stallTimeout) {
                channel.close(mode: .all, promise: nil)
            }
        }
        context.fireChannelWritabilityChanged()
    }

    private func end(_ context: ChannelHandlerContext) {
        stall?.cancel()
        stall = nil
        connection.close()
        connections.remove(context.channel)
    }
}

#endif
