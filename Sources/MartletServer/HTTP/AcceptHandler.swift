#if Server

internal import MartletSystem
internal import NIOCore

/// Takes connections as long as there is room for them, and makes room by ending some of those that wait for
/// their clients.
///
/// It stands first on the listening channel. The system's own limit of open files is never reached: what else
/// the process opens has files kept for it.
final class AcceptHandler: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = any Channel

    private let connections: Connections
    private let limit: Int
    private let shedding: Shedding
    private let now: @Sendable () -> UInt64
    private var isPaused = false

    /// How soon it looks again for room.
    private static let pause = TimeAmount.milliseconds(20)

    /// - Parameters:
    ///   - limit: The most open connections.
    ///   - now: The clock of the loops, in nanoseconds.
    init(
        _ connections: Connections, limit: Int,
        now: @escaping @Sendable () -> UInt64 = { NIODeadline.now().uptimeNanoseconds }
    ) {
        self.connections = connections
        self.limit = limit
        self.now = now
        shedding = Shedding(idle: min(8, max(1, limit / 8)))
    }

    func read(context: ChannelHandlerContext) {
        if connections.count < limit, AddressSpace.hasRoom(for: AddressNeed.connection) {
            return context.read()
        }
        if isPaused { return }
        // Those that close leave in a moment.
        connections.makeRoom(shedding, limit: limit, now: now())
        isPaused = true
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) { [self] in
            isPaused = false
            read(context: context)
        }
    }
}

#endif
