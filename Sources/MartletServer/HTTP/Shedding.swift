#if Server

/// Which connections end to make room when as many are open as may be.
///
/// Those between two requests go first, the longest idle of them: a client sends its next request on a new
/// connection. Where none is idle, a request whose body has stopped arriving is given up.
struct Shedding: Sendable {
    /// The most idle connections that end at a time.
    let idle: Int
    /// How long nothing has come from a client that has begun, or only connected, before it may be given up,
    /// in nanoseconds. A slow client that still sends is safe.
    var patience: UInt64 = 5_000_000_000

    /// The indices of those that end.
    /// - Parameter now: On the clock of the waits.
    func chosen(of waits: [Connection.Wait], now: UInt64) -> [Int] {
        var idle: [(index: Int, since: UInt64)] = []
        var silent: (index: Int, since: UInt64)?
        func isOver(_ since: UInt64) -> Bool { now >= since && now - since >= patience }
        for (index, wait) in waits.enumerated() {
            switch wait {
            case .request(let since): idle.append((index, since))
            case .first(let since): if isOver(since) { idle.append((index, since)) }
            case .body(let since):
                if isOver(since), since < silent?.since ?? .max { silent = (index, since) }
            }
        }
        guard idle.isEmpty else {
            return idle.sorted { $0.since < $1.since }.prefix(self.idle).map(\.index)
        }
        // One at a time, as its client loses a request.
        return silent.map { [$0.index] } ?? []
    }
}

#endif
