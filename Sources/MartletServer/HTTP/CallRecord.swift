#if Server

import Synchronization

/// What is learned about a request on its way, for the log, the metrics and the headers.
final class CallRecord: Sendable {
    struct Values: Sendable {
        var model: String?
        var characters = 0
        /// Tokens of each text that went through the model.
        var lengths: [Int] = []
        /// The first texts that were cut, and how many there are.
        var truncatedInputs: [Int] = []
        var truncated = 0
        /// Nanoseconds.
        var tokenization: UInt64 = 0
        var queued: UInt64 = 0
        var computed: UInt64 = 0
        /// What the server made of the request that its client may not expect, in plain ASCII.
        var notes: [String] = []
        var cacheHits = 0
        var cacheMisses = 0
        /// What a route that leaves it to the model did.
        var operation: Route.Operation?
        /// Whose client it is, where the route answers several.
        var dialect: Dialect?
        /// TEI's label of the failure.
        var failure: String?
        var error: String?
        /// Whether nothing can be read from the connection after it.
        var isLast = false

        var tokens: Int { lengths.reduce(0, +) }

        /// As many places as a header has room for.
        mutating func add(truncated places: [Int]) {
            truncated += places.count
            truncatedInputs += places.prefix(max(0, Self.mostPlaces - truncatedInputs.count))
        }

        private static let mostPlaces = 100

        /// Takes in what one of several requests of a body did. They run at the same time: the longest of
        /// each time counts.
        mutating func merge(_ other: Values) {
            model = other.model ?? model
            characters += other.characters
            lengths += other.lengths
            truncated += other.truncated
            truncatedInputs += other.truncatedInputs.prefix(max(0, Self.mostPlaces - truncatedInputs.count))
            tokenization = max(tokenization, other.tokenization)
            queued = max(queued, other.queued)
            computed = max(computed, other.computed)
            cacheHits += other.cacheHits
            cacheMisses += other.cacheMisses
            operation = other.operation ?? operation
            notes += other.notes.filter { !notes.contains($0) }
        }
    }

    private let values = Mutex(Values())

    var snapshot: Values { values.withLock { $0 } }

    func update(_ body: (inout sending Values) -> Void) { values.withLock { body(&$0) } }
}

#endif
