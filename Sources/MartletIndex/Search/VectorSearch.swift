internal import CMartletKernels
internal import MartletCompute
import Synchronization

/// The nearest rows of a snapshot: codes are scanned for candidates, and the candidates' vectors are
/// compared.
struct VectorSearch {
    private let snapshot: Snapshot
    private let masks: Masks
    /// nil: as many as the rows are worth.
    private let threads: Int?
    /// Lists of each segment that are scanned; nil: all.
    private let probes: Int?
    /// Rows from which on a second thread helps with a scan for one question.
    private static let rowsOfTwo = 1_000_000
    /// The same for several, each of which compares all rows: less than half a millisecond is not worth waking one.
    private static let comparisonsOfTwo = 300_000
    /// From so many rows on, the codes (about 16 MB) do not stay in a cache between searches.
    private static let rowsOfCache = 300_000
    /// Parts of a scan that threads take one after the other.
    private static let shares = 8

    init(_ snapshot: Snapshot, _ masks: Masks, threads: Int? = nil, probes: Int? = nil) {
        self.snapshot = snapshot
        self.masks = masks
        self.threads = threads
        self.probes = probes
    }

    /// For each vector its nearest rows, the nearest first.
    /// - Parameter other: Called once: by one of the threads while the other scans, where there are two.
    func search(
        _ vectors: [[Float]], count: Int, candidates: Int, isExact: Bool, beside other: () -> Void = {}
    ) -> [[ScoredRow]] {
        let allowed = masks.counts.reduce(0, +)
        // Where few rows are allowed, all of them are candidates.
        if isExact || allowed <= candidates {
            other()
            return vectors.map { exact($0, count) }
        }
        for part in snapshot.parts { part.segment.readsSomeRows(of: snapshot.firstRecent) }
        let queries = vectors.map { VectorQuery($0, rotation: snapshot.rotation) }
        let found = scan(queries, candidates, beside: other)
        var nearest = [[ScoredRow]](repeating: [], count: vectors.count)
        nearest.withUnsafeMutableBufferPointer { nearest in
            func compare(_ index: Int) {
                let best = BestRows(wanted: count)
                rescore(vectors[index], found[index], best)
                addRecent(vectors[index], best)
                nearest[index] = best.sorted()
            }
            let isShared =
                vectors.count > 1 && wantsTwo(vectors.count)
                && ScanThreads.run(vectors.count) { index, _ in compare(index) }
            if !isShared { for index in vectors.indices { compare(index) } }
        }
        return nearest
    }

    // MARK: Scan

    /// For each query the rows of its best candidates, in ascending order.
    private func scan(
        _ queries: [VectorQuery], _ candidates: Int, beside other: () -> Void
    ) -> [[UInt32]] {
        // Each query's product with the mean of each segment.
        let bases = snapshot.parts.map { part in queries.map { Self.dot($0.vector, part.segment.mean) } }
        let best = (0..<2).map { _ in queries.map { _ in BestRows(wanted: candidates) } }
        let isShared =
            wantsTwo(queries.count)
            && ScanThreads.run(1 + Self.shares) { index, thread in
                if index == 0 {
                    other()
                } else {
                    scan(queries, bases, into: best[thread], share: index - 1, of: Self.shares)
                }
            }
        if !isShared {
            other()
            scan(queries, bases, into: best[0], share: 0, of: 1)
        }
        return queries.indices.map { query in
            best[0][query].add(best[1][query])
            return best[0][query].rows()
        }
    }

    private func wantsTwo(_ questions: Int) -> Bool {
        if let threads { return threads > 1 }
        let rows = snapshot.firstRecent
        return rows >= Self.rowsOfTwo || questions > 1 && rows * questions >= Self.comparisonsOfTwo
    }

    /// Scans a share of the blocks of all segments, one after the other: of equal estimates the lower row comes
    /// first.
    private func scan(
        _ queries: [VectorQuery], _ bases: [[Float]], into best: [BestRows], share: Int, of shares: Int
    ) {
        let blocks = snapshot.parts.map { ($0.segment.count + 63) / 64 }
        let all = blocks.reduce(0, +)
        let (first, end) = (all * share / shares, all * (share + 1) / shares)
        var start = 0
        for (index, part) in snapshot.parts.enumerated() {
            let (own, mask, segment) = (
                first - start..<end - start, masks.parts[index], part.segment
            )
            let range = own.clamped(to: 0..<blocks[index])
            start += blocks[index]
            if range.isEmpty { continue }
            let bases = bases[index]
            var scan = mk_scan(
                blocks: segment.codes.assumingMemoryBound(to: UInt8.self), first: Int64(range.lowerBound),
                end: Int64(range.upperBound), groups: Int64(snapshot.rotation.padded / 8),
                rows: Int64(segment.count),
                mask: nil, first_row: UInt32(part.firstRow),
                is_far: snapshot.firstRecent >= Self.rowsOfCache ? 1 : 0)
            let prepared = queries.indices.map { index in
                let (query, best) = (queries[index], best[index])
                return mk_scan_query(
                    tables: query.tables.pointer, step: query.step, offset: query.offset,
                    base: bases[index], best: best.pointer)
            }
            withExtendedLifetime((queries, best)) {
                func run(_ words: UnsafePointer<UInt64>?) {
                    scan.mask = words
                    IndexKernels.best.scan(&scan, prepared, Int64(prepared.count))
                }
                if let probes, let lists = segment.lists {
                    // Each question has rows of its own.
                    for (query, scanned) in zip(queries, prepared) {
                        var rows = lists.rows(nearest: query.vector, probes, of: segment.count)
                        if let mask { rows.formIntersection(mask) }
                        rows.withWords { (words: UnsafePointer<UInt64>) in
                            scan.mask = words
                            withUnsafePointer(to: scanned) { IndexKernels.best.scan(&scan, $0, 1) }
                        }
                    }
                } else if let mask {
                    mask.withWords { run($0) }
                } else {
                    run(nil)
                }
            }
        }
    }

    private static func dot(_ a: [Float], _ b: [Float]) -> Float {
        b.withUnsafeBytes { bytes in
            guard let rows = bytes.baseAddress else { return 0 }
            return IndexKernels.scores(a, store: .f32, rows: rows, scales: nil, numbers: nil, count: 1)[0]
        }
    }

    // MARK: Comparison

    /// Compares rows of the snapshot, given in ascending order.
    private func rescore(_ vector: [Float], _ rows: [UInt32], _ best: BestRows) {
        var rest = rows[...]
        for part in snapshot.parts {
            let end = UInt32(part.firstRow + part.segment.count)
            let own = rest.prefix { $0 < end }
            rest = rest[own.endIndex...]
            if own.isEmpty { continue }
            let numbers = own.map { $0 - UInt32(part.firstRow) }
            let segment = part.segment
            let scores = IndexKernels.scores(
                vector, store: segment.store, rows: segment.vectors, scales: segment.scales?.baseAddress,
                numbers: numbers,
                count: numbers.count)
            for (row, score) in zip(own, scores) { best.add(score, row: row) }
        }
    }

    private func exact(_ vector: [Float], _ count: Int) -> [ScoredRow] {
        let best = BestRows(wanted: count)
        for (part, mask) in zip(snapshot.parts, masks.parts) {
            if mask == nil {
                part.segment.readsAllRows()
            } else {
                part.segment.readsSomeRows(of: snapshot.firstRecent)
            }
            var chunk: [UInt32] = []
            func flush() {
                rescore(vector, chunk, best)
                chunk.removeAll(keepingCapacity: true)
            }
            func add(_ row: Int) {
                chunk.append(UInt32(part.firstRow + row))
                if chunk.count == 4096 { flush() }
            }
            if let mask { mask.forEach(add) } else { for row in 0..<part.segment.count { add(row) } }
            flush()
        }
        addRecent(vector, best)
        return best.sorted()
    }

    private func addRecent(_ vector: [Float], _ best: BestRows) {
        for (index, row) in snapshot.recent.enumerated() where masks.recent[index] {
            best.add(Self.score(vector, row, snapshot.settings), row: UInt32(snapshot.firstRecent + index))
        }
    }

    static func score(_ vector: [Float], _ recent: RecentRow, _ settings: CollectionSettings) -> Float {
        recent.row.vector.withUnsafeBytes { bytes in
            guard let rows = bytes.baseAddress else { return 0 }
            return withUnsafePointer(to: recent.row.scale) { scale in
                IndexKernels.scores(
                    vector, store: settings.store, rows: rows, scales: scale, numbers: nil, count: 1)[0]
            }
        }
    }
}

extension Snapshot {
    /// The similarities of rows, in ascending order, to a vector.
    func similarities(of rows: [Int], to vector: [Float]) -> [Float] {
        var scores: [Float] = []
        scores.reserveCapacity(rows.count)
        var rest = rows[...]
        for part in parts {
            let end = part.firstRow + part.segment.count
            let numbers = rest.prefix { $0 < end }.map { UInt32($0 - part.firstRow) }
            rest = rest.dropFirst(numbers.count)
            if numbers.isEmpty { continue }
            let segment = part.segment
            scores += IndexKernels.scores(
                vector, store: segment.store, rows: segment.vectors, scales: segment.scales?.baseAddress,
                numbers: numbers,
                count: numbers.count)
        }
        return scores + rest.map { VectorSearch.score(vector, recent[$0 - firstRecent], settings) }
    }
}

/// Two threads that share long scans, made at the first one. One search has them at a time: the others work on
/// their own threads alone, and do not wait.
enum ScanThreads {
    private static let pool = WorkerPool.shared(width: min(2, WorkerPool.usableCores()))
    private static let isTaken = Atomic(false)

    /// Calls `body` for every index below `count`, on thread 0 or 1.
    /// - Returns: False if the threads are taken, or if there is one core; nothing was called then.
    static func run(_ count: Int, _ body: (_ index: Int, _ thread: Int) -> Void) -> Bool {
        guard pool.width > 1,
            isTaken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
        else { return false }
        defer { isTaken.store(false, ordering: .releasing) }
        pool.run(count, lane: .interactive, body)
        return true
    }
}
