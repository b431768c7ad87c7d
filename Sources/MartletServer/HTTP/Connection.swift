#if Server

internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes
import Synchronization

/// Whether the client of a connection is still there.
final class Connection: Sendable {
    private struct State {
        var isClosed = false
        var next = 0
        var handlers: [Int: @Sendable () -> Void] = [:]
    }
    private let state = Mutex(State())

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
        let connection = Connection()
        open.withLock { $0[ObjectIdentifier(channel)] = connection }
        return connection
    }

    func remove(_ channel: any Channel) { open.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) } }
}

/// Sees the client go away, and asks it to send the body where it waits to be asked.
final class ConnectionHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundOut = HTTPResponsePart

    private let connections: Connections
    private var connection: Connection?
    /// How long a client may read nothing of what is sent to it.
    private let stallTimeout: TimeAmount?
    private var stall: Scheduled<Void>?

    init(_ connections: Connections, stallTimeout: TimeAmount? = nil) {
        self.connections = connections
        self.stallTimeout = stallTimeout
    }

    func handlerAdded(context: ChannelHandlerContext) { connection = connections.add(context.channel) }

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
            stall = context.eventLoop.scheduleTask(in: stallTimeout) { channel.close(mode: .all, promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Half closed: HTTP clients that go away look like this.
        if case .inputClosed = event as? ChannelEvent { connection?.close() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data), head.headerFields[.expect]?.lowercased() == "100-continue" {
            context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
        }
        context.fireChannelRead(data)
    }

    private func end(_ context: ChannelHandlerContext) {
        stall?.cancel()
        stall = nil
        connection?.close()
        connection = nil
        connections.remove(context.channel)
    }
}

#endif
