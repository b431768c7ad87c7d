internal import MartletModels
internal import MartletSystem

/// The beginnings that texts of a causal model have in common, such as an instruction: their keys and values
/// are computed once and kept, and later texts go on from there. The bits of the vectors stay the same.
///
/// Nobody says what the beginnings are: the tokens that a text shares with one of the last texts are kept, so
/// that instructions count wherever they come from, the model's prompts or the caller's own text.
package final class PrefixCache: Sendable {
    /// Tokens that are too few to be worth their copying, and the most that are kept.
    static let leastTokens = 8
    static let mostTokens = 256
    /// Longer texts are computed whole.
    static let longestText = PackedBatch.longestWithPrefix
    /// The most beginnings, and the most bytes that they take together.
    static let mostEntries = 8
    static let byteLimit = 64 << 20

    /// A beginning that is kept.
    struct Entry: Sendable {
        let ids: [Int32]
        let prefix: any EncodedPrefix

        /// How many tokens of a text the prefix stands for: a text keeps one token of its own at least.
        func count(for text: some Collection<Int32>) -> Int {
            guard text.count <= PrefixCache.longestText else { return 0 }
            let count = min(PrefixCache.common(ids, text), text.count - 1)
            return count >= PrefixCache.leastTokens ? count : 0
        }
    }

    /// What a pass does about the beginning of its first text.
    enum Plan {
        case none
        /// It takes what is kept.
        case take(Entry)
        /// It keeps so many tokens of its first text.
        case keep(Int)
    }

    /// Texts that a text is compared with: those of several instructions may come in turn.
    private static let textsCompared = 8

    private struct State {
        /// The last used first.
        var entries: [Entry] = []
        /// The beginnings of the texts before, the last first.
        var recent: [[Int32]] = []
    }

    private let state = Locked(State())

    /// Bytes that it holds on to.
    var bytes: Int { state.withLock { $0.entries.reduce(0) { $0 + $1.prefix.bytes } } }

    /// The most that is held, with what so many threads are making: it has not yet taken the place of others.
    /// - Parameter bytes: Of the longest beginning.
    static func mostBytes(ofEach bytes: Int, made count: Int) -> Int {
        min(byteLimit, mostEntries * bytes) + count * bytes
    }

    /// What to do in a pass whose first text is `text`.
    func plan(for text: some Collection<Int32>) -> Plan {
        state.withLock { state in
            let shared = state.recent.reduce(0) { max($0, Self.common($1, text)) }
            state.recent.insert(Array(text.prefix(Self.mostTokens)), at: 0)
            if state.recent.count > Self.textsCompared { state.recent.removeLast() }
            let counts = state.entries.map { $0.count(for: text) }
            let best = counts.indices.max { counts[$0] < counts[$1] }
            let known = best.map { counts[$0] } ?? 0
            // A longer beginning takes the place of a shorter one once it pays.
            if shared >= known + Self.leastTokens, text.count <= Self.longestText { return .keep(shared) }
            guard let best, known > 0 else { return .none }
            let entry = state.entries.remove(at: best)
            state.entries.insert(entry, at: 0)
            return .take(entry)
        }
    }

    /// Keeps a beginning; those that were not used for longest make room.
    func insert(_ ids: [Int32], _ prefix: any EncodedPrefix) {
        state.withLock { state in
            state.entries.removeAll { $0.ids == ids }
            state.entries.insert(Entry(ids: ids, prefix: prefix), at: 0)
            var bytes = 0
            let fitting = state.entries.prefix(Self.mostEntries).prefix { entry in
                bytes += entry.prefix.bytes
                return bytes <= Self.byteLimit
            }
            state.entries = Array(fitting)
        }
    }

    /// How many tokens two texts begin with alike.
    static func common(_ first: some Collection<Int32>, _ second: some Collection<Int32>) -> Int {
        var count = 0
        for (a, b) in zip(first, second) {
            guard a == b else { break }
            count += 1
        }
        return count
    }
}
