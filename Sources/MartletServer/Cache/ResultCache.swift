#if Server

internal import Martlet
import Synchronization

/// A result that the cache can hold.
protocol CachedResult: Sendable {
    var resultBytes: Int { get }
}

extension [Float]: CachedResult {
    var resultBytes: Int { count * 4 }
}

extension SparseEmbedding: CachedResult {
    var resultBytes: Int { count * 12 }
}

/// Results of texts that were computed before, the least recently used ones dropped first, bounded by bytes.
///
/// Keys are compared whole, token by token, so that a result always has the bits that computing it again
/// would have.
final class ResultCache: Sendable {
    private struct Entry {
        let key: JobKey
        let row: any CachedResult
        let bytes: Int
        var newer: Int
        var older: Int
    }

    private struct State {
        var places: [JobKey: Int] = [:]
        var entries: [Entry?] = []
        var free: [Int] = []
        /// -1 where there is none.
        var newest = -1
        var oldest = -1
        var bytes = 0
        var hits = 0
        var misses = 0
    }

    struct Counts: Sendable, Equatable {
        package let hits: Int
        package let misses: Int
        package let entries: Int
        package let bytes: Int
    }

    let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    var counts: Counts {
        state.withLock { Counts(hits: $0.hits, misses: $0.misses, entries: $0.places.count, bytes: $0.bytes) }
    }

    func row<Row: CachedResult>(_ key: JobKey, as type: Row.Type = Row.self) -> Row? {
        state.withLock { state in
            guard let place = state.places[key], let row = state.entries[place]?.row as? Row else {
                state.misses += 1
                return nil
            }
            state.hits += 1
            unlink(place, &state)
            link(place, &state)
            return row
        }
    }

    func insert(_ key: JobKey, _ row: some CachedResult) {
        let bytes = Self.bytes(key, row)
        guard bytes <= limit else { return }
        state.withLock { state in
            guard state.places[key] == nil else { return }
            while state.bytes + bytes > limit, state.oldest >= 0 { remove(state.oldest, &state) }
            let entry = Entry(key: key, row: row, bytes: bytes, newer: -1, older: -1)
            let place: Int
            if let free = state.free.popLast() {
                place = free
                state.entries[place] = entry
            } else {
                place = state.entries.count
                state.entries.append(entry)
            }
            state.places[key] = place
            state.bytes += bytes
            link(place, &state)
        }
    }

    /// Numbers, ids, and what the tables take for an entry.
    private static func bytes(_ key: JobKey, _ row: some CachedResult) -> Int {
        row.resultBytes + key.ids.count * 4 + (key.types?.count ?? 0) * 4 + 320
    }

    private func remove(_ place: Int, _ state: inout State) {
        guard let entry = state.entries[place] else { return }
        unlink(place, &state)
        state.entries[place] = nil
        state.places[entry.key] = nil
        state.free.append(place)
        state.bytes -= entry.bytes
    }

    /// Makes it the newest.
    private func link(_ place: Int, _ state: inout State) {
        state.entries[place]?.older = state.newest
        state.entries[place]?.newer = -1
        if state.newest >= 0 { state.entries[state.newest]?.newer = place }
        state.newest = place
        if state.oldest < 0 { state.oldest = place }
    }

    private func unlink(_ place: Int, _ state: inout State) {
        guard let entry = state.entries[place] else { return }
        if entry.newer >= 0 {
            state.entries[entry.newer]?.older = entry.older
        } else {
            state.newest = entry.older
        }
        if entry.older >= 0 {
            state.entries[entry.older]?.newer = entry.newer
        } else {
            state.oldest = entry.newer
        }
    }
}

#endif
