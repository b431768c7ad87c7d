import MartletData
import MartletSystem

/// The log of a job: a header, and rows and positions of the source in the order in which they came.
///
///     "MRTLJOB1", then frames:  kind u32 · 0 u32 · length u64 · payload · XXH64 u64
///
/// The checksum of a frame covers the checksum of the frame before it, too, so the one of a commit covers its
/// position and all rows before it. Rows that no commit follows are dropped when the log is opened. A log is
/// only appended to.
///
/// Not Sendable: one sink or one reader owns it.
package final class JobLog {
    private enum Kind: UInt32 { case header = 1, rows, commit, end }

    private struct Frame {
        let kind: Kind
        let payload: Range<Int>
        let checksum: UInt64
        var next: Int { payload.upperBound + 8 }
    }

    private static let magic = Array("MRTLJOB1".utf8)
    private static let headSize = 16

    private let file: any LogFile
    /// nil for a file without one, which was just made.
    package private(set) var header: JobHeader?
    /// The last commit.
    package private(set) var last: JobCommit?
    /// Whether the source was read to its end, and what was to be made of the rows was made.
    package private(set) var isFinished = false
    /// What was made of the rows, as ``finish(_:)`` was told; nil: nothing was told.
    package private(set) var made: String?
    /// Bytes of a damaged middle: frames after it cannot be trusted and were left out.
    package private(set) var damagedAt: Int?
    /// The end of what is committed, and the checksum there.
    private var committed = 0
    private var committedChecksum: UInt64 = 0
    private var end = 0
    private var checksum: UInt64 = 0
    private var pending: (rows: Int, truncated: Int, skipped: Int) = (0, 0, 0)

    /// Reads the whole file once and compares it with its checksums.
    /// - Parameter isVerified: false reads the headers of frames and trusts the rest: enough to see where a
    ///   job is.
    /// - Throws: ``DataError/Code/malformed`` for a file that is not a log.
    package init(_ file: any LogFile, isVerified: Bool = true) throws(DataError) {
        self.file = file
        let size = try file.size()
        if size > 0 {
            let magic = try bytes(0..<min(size, Self.magic.count))
            guard Self.magic.starts(with: magic) else {
                throw DataError(
                    .malformed, at: file.name, "is not the log of a job",
                    remedies: [.advice("remove it"), .writeElsewhere])
            }
        }
        end = min(size, Self.magic.count)
        guard size > Self.magic.count else { return }
        try recover(size, isVerified: isVerified)
    }

    private func recover(_ size: Int, isVerified: Bool) throws(DataError) {
        var offset = Self.magic.count
        var checksum: UInt64 = 0
        while let frame = try frame(at: offset, size: size, after: isVerified ? checksum : nil) {
            (offset, checksum) = (frame.next, frame.checksum)
            switch frame.kind {
            case .header:
                header = JobHeader(json: try bytes(frame.payload))
                guard header != nil else {
                    throw DataError(
                        .unsupported, at: file.name, "was written by another version",
                        remedies: [.advice("remove it to begin again")])
                }
            case .rows: continue
            case .commit: last = JobCommit(json: try bytes(frame.payload))
            case .end:
                isFinished = true
                let text = String(decoding: try bytes(frame.payload), as: UTF8.self)
                made = text.isEmpty ? nil : text
            }
            (committed, committedChecksum) = (offset, checksum)
        }
        // A write that broke off leaves less than it says; whole frames after a bad one mean that the disk
        // changed what it held.
        if let frame = try frame(at: offset, size: size, after: nil), frame.next < size { damagedAt = offset }
        (end, self.checksum) = (committed, committedChecksum)
    }

    // MARK: Writing

    /// Begins an empty log.
    package func begin(_ header: JobHeader) throws(DataError) {
        try file.truncate(to: 0)
        end = 0
        checksum = 0
        (last, isFinished, made) = (nil, false, nil)
        try file.write(Self.magic, at: 0)
        end = Self.magic.count
        try append(.header, header.json)
        try seal()
        self.header = header
    }

    package func append(_ batch: RowBatch, digests: [TextDigest]? = nil) throws(DataError) {
        if batch.records.isEmpty, batch.skipped.isEmpty { return }
        try append(.rows, RowCodec.encode(batch, digests: digests))
        pending.rows += batch.records.count
        pending.truncated += batch.truncated.count
        pending.skipped += batch.skipped.count
    }

    /// Makes the rows so far durable, and `checkpoint` the place to go on from.
    package func commit(_ checkpoint: Checkpoint) throws(DataError) {
        let commit = JobCommit(
            checkpoint: checkpoint, rows: (last?.rows ?? 0) + pending.rows,
            truncated: (last?.truncated ?? 0) + pending.truncated,
            skipped: (last?.skipped ?? 0) + pending.skipped)
        try append(.commit, commit.json)
        try seal()
        last = commit
    }

    /// Begins where a longer log ended: its rows were used and are gone.
    package func adopt(_ commit: JobCommit) throws(DataError) {
        try append(.commit, commit.json)
        try seal()
        last = commit
    }

    /// Appends committed rows of another log: the batches with a text that is not here.
    package func append(rowsOf other: JobLog) throws(DataError) {
        var known = Set(try rowFrames().flatMap(\.digests))
        var isNew = false
        for frame in try other.rowFrames() where !known.isSuperset(of: frame.digests) {
            try append(other.batch(at: frame.offset), digests: frame.digests)
            known.formUnion(frame.digests)
            isNew = true
        }
        if isNew, let last = other.last { try commit(last.checkpoint) }
    }

    /// Nothing more will come.
    /// - Parameter made: Tells what was made of the rows from other files; nil: nothing has to be told.
    package func finish(_ made: String? = nil) throws(DataError) {
        guard !isFinished || self.made != made else { return }
        try dropUncommitted()
        try append(.end, Array((made ?? "").utf8))
        try seal()
        (isFinished, self.made) = (true, made)
    }

    /// Forgets rows that no commit follows.
    package func dropUncommitted() throws(DataError) {
        pending = (0, 0, 0)
        (end, checksum) = (committed, committedChecksum)
        if try file.size() > committed, committed > 0 { try file.truncate(to: committed) }
    }

    private func append(_ kind: Kind, _ payload: [UInt8]) throws(DataError) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + Self.headSize + payload.count + 8)
        bytes.appendInteger(checksum)
        bytes.appendInteger(kind.rawValue)
        bytes.appendInteger(UInt32(0))
        bytes.appendInteger(UInt64(payload.count))
        bytes += payload
        let sum = bytes.withUnsafeBytes { Checksum.xxh64($0) }
        bytes.appendInteger(sum)
        bytes.removeFirst(8)
        try file.write(bytes, at: end)
        end += bytes.count
        checksum = sum
    }

    private func seal() throws(DataError) {
        try file.synchronize()
        (committed, committedChecksum) = (end, checksum)
        pending = (0, 0, 0)
    }

    // MARK: Reading

    /// Gives all committed rows in order.
    nonisolated(nonsending) package func forEachBatch(
        _ body: nonisolated(nonsending) (RowBatch, [TextDigest]?) async throws -> Void
    ) async throws {
        var offset = Self.magic.count
        while offset < committed, let frame = try header(at: offset, size: committed) {
            offset = frame.payload.upperBound + 8
            guard frame.kind == .rows else { continue }
            let (batch, digests) = try decoded(frame.payload)
            try await body(batch, digests)
        }
    }

    /// The rows of the frame at `offset`, which `rowFrames` gave.
    package func batch(at offset: Int) throws(DataError) -> RowBatch {
        guard let frame = try header(at: offset, size: committed), frame.kind == .rows else {
            throw malformed(offset)
        }
        return try decoded(frame.payload).batch
    }

    /// Where committed frames of rows begin, with the digests of their texts.
    package func rowFrames() throws(DataError) -> [(offset: Int, digests: [TextDigest])] {
        var offset = Self.magic.count
        var frames: [(offset: Int, digests: [TextDigest])] = []
        while offset < committed, let frame = try header(at: offset, size: committed) {
            if frame.kind == .rows, let digests = try decoded(frame.payload).digests {
                frames.append((offset, digests))
            }
            offset = frame.payload.upperBound + 8
        }
        return frames
    }

    private func decoded(_ payload: Range<Int>) throws(DataError) -> (batch: RowBatch, digests: [TextDigest]?)
    {
        let bytes = try bytes(payload)
        do throws(ByteReader.Malformed) { return try RowCodec.decode(bytes) } catch {
            throw malformed(payload.lowerBound)
        }
    }

    private func malformed(_ offset: Int) -> DataError {
        DataError(
            .malformed, at: file.name, "is damaged at byte \(offset)",
            remedies: [.advice("remove it to begin again")])
    }

    private func bytes(_ range: Range<Int>) throws(DataError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        let file = file
        let result: Result<Int, DataError> = bytes.withUnsafeMutableBytes { buffer in
            do throws(DataError) { return .success(try file.read(into: buffer, at: range.lowerBound)) } catch
            { return .failure(error) }
        }
        let count = try result.get()
        if count < bytes.count { bytes.removeLast(bytes.count - count) }
        return bytes
    }

    /// The frame that begins at `offset`, unchecked; nil if none fits before `size`.
    private func header(at offset: Int, size: Int) throws(DataError) -> (kind: Kind, payload: Range<Int>)? {
        guard size - offset >= Self.headSize + 8 else { return nil }
        var reader = ByteReader(try bytes(offset..<offset + Self.headSize))
        guard let number = try? reader.integer(UInt32.self), let kind = Kind(rawValue: number),
            (try? reader.integer(UInt32.self)) == 0,
            let length = (try? reader.integer(UInt64.self)).flatMap({ Int(exactly: $0) }),
            length <= size - offset - Self.headSize - 8
        else { return nil }
        let start = offset + Self.headSize
        return (kind, start..<start + length)
    }

    /// The frame at `offset` if its checksum is right; any whole frame for no checksum before it.
    private func frame(at offset: Int, size: Int, after checksum: UInt64?) throws(DataError) -> Frame? {
        guard let (kind, payload) = try header(at: offset, size: size) else { return nil }
        guard let checksum else { return Frame(kind: kind, payload: payload, checksum: 0) }
        var all: [UInt8] = []
        all.appendInteger(checksum)
        all += try bytes(offset..<payload.upperBound)
        let sum = all.withUnsafeBytes { Checksum.xxh64($0) }
        var reader = ByteReader(try bytes(payload.upperBound..<payload.upperBound + 8))
        guard (try? reader.integer(UInt64.self)) == sum else { return nil }
        return Frame(kind: kind, payload: payload, checksum: sum)
    }
}
