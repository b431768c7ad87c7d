/// A limit of tokens in a time. How many a request takes is estimated from its bytes, by what earlier answers
/// said, and set right by its own answer.
package actor TokenRate {
    private let limit: RateLimit
    private var bytes = 0
    private var tokens = 0

    /// English has about four bytes in a token; fewer are assumed until an answer says so.
    private static let bytesOfToken = 3

    package init(_ limit: RateLimit) { self.limit = limit }

    /// Tokens of a request with so many bytes of text.
    package func estimate(bytes count: Int) -> Int {
        guard bytes > 0, tokens > 0 else { return count / Self.bytesOfToken + 1 }
        return Int((Double(count) * Double(tokens) / Double(bytes)).rounded(.up))
    }

    package func wait(for estimate: Int) async throws { try await limit.wait(for: estimate) }

    /// A request that was estimated is answered.
    /// - Parameter tokens: What the provider counted; 0: it does not say.
    package func settle(bytes: Int, estimate: Int, tokens: Int) async {
        guard tokens > 0 else { return }
        self.bytes += bytes
        self.tokens += tokens
        await limit.correct(by: tokens - estimate)
    }
}
