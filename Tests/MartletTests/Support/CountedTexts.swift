import Synchronization

/// Texts that are made as they are asked for, and counted. Endless where `limit` is `Int.max`.
struct CountedTexts: AsyncSequence, Sendable {
    final class Counter: Sendable {
        private let count = Mutex(0)
        var value: Int { count.withLock { $0 } }
        func increment() -> Int {
            count.withLock {
                $0 += 1; return $0
            }
        }
    }

    struct Broken: Error {}

    let limit: Int
    /// Throws in place of this text, from 0.
    var failsAt = Int.max
    let pulls = Counter()
    var text: @Sendable (Int) -> String = { "zopa \($0)" }

    struct Iterator: AsyncIteratorProtocol {
        let texts: CountedTexts
        var index = 0

        mutating func next() async throws -> String? {
            if index == texts.failsAt { throw Broken() }
            guard index < texts.limit else { return nil }
            _ = texts.pulls.increment()
            defer { index += 1 }
            return texts.text(index)
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(texts: self) }
}
