/// How long a pull waits. No limit is set on a whole download, only on silence.
struct PullTimeouts: Sendable {
    var connect: Duration = .seconds(10)
    var silence: Duration = .seconds(30)
    /// From a request to the first line of its answer.
    var answer: Duration = .seconds(60)
}
