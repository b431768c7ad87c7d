#if Command

/// How long single queries took under one condition.
struct BenchLatency {
    /// Milliseconds between one answer and the next query.
    var pause = 0
    /// Threads of others that keep cores busy.
    var neighbours = 0
    /// Of each query, ascending.
    let seconds: [Double]

    /// The value that `share` of the latencies do not exceed (nearest rank), in milliseconds.
    func milliseconds(_ share: Double) -> Double {
        guard !seconds.isEmpty else { return 0 }
        let rank = Int((share * Double(seconds.count)).rounded(.up))
        return seconds[min(max(rank, 1), seconds.count) - 1] * 1000
    }

    var isPlain: Bool { pause == 0 && neighbours == 0 }

    /// "pause 5 ms, 2 busy neighbours"; empty for queries back to back on a machine as it is.
    var condition: String {
        let parts = [
            pause > 0 ? "pause \(pause) ms" : nil,
            neighbours > 0 ? Format.count(neighbours, "busy neighbour") : nil,
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }
}

#endif
