#if Server

internal import MartletSystem
internal import NIOCore

/// Takes connections as long as there is room for them, and makes room by closing those that have waited
/// longest for a request.
///
/// It stands first on the listening channel. The system's own limit of open files is never reached: what else
/// the process opens has files kept for it.
final class AcceptHandler: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = any Channel

    private let connections: Connections
    private let limit: Int
    private var isPaused = false

    /// How many idle connections are closed at a time.
    private static let shed = 8
    /// How soon it looks again for room.
    private static let pause = TimeAmount.milliseconds(20)

    init(_ connections: Connections, limit: Int) {
        self.connections = connections
        self.limit = limit
    }

    func read(context: ChannelHandlerContext) {
        if connections.count < limit, AddressSpace.hasRoom(for: AddressNeed.connection) {
            return context.read()
        }
        if isPaused { return }
        // Those that close leave in a moment.
        _ = connections.closeLongestIdle(min(Self.shed, max(1, limit / 8)))
        isPaused = true
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) { [self] in
            isPaused = false
            read(context: context)
        }
    }
}

#endif
