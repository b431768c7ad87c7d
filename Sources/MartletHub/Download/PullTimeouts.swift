/// How long a pull waits. No limit is set on a whole download, only on silence and on a trickle of bytes.
struct PullTimeouts: Sendable {
    var connect: Duration = .seconds(10)
    var silence: Duration = .seconds(30)
    /// From a request to the first line of its answer.
    var answer: Duration = .seconds(60)
    /// Bytes a second that a server sends at least, on the average of a window.
    var leastRate = 1024
    var window: Duration = .seconds(30)
}
