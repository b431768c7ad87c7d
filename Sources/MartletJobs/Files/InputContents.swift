import MartletData

/// Which records an input has, whatever its files are called and whenever they were written: how many, and a
/// digest of their ids and texts. The parts of a merge belong together if it is the same for all.
struct InputContents: Equatable, CustomStringConvertible {
    private(set) var count = 0
    private var digest = ChainedDigest()

    mutating func add(_ batch: RecordBatch) {
        count = batch.end.index
        for record in batch.records {
            digest.add("\(record.index)")
            digest.add(record.id)
            digest.add(record.text)
        }
    }

    var description: String { "\(count):\(digest)" }

    init() {}

    // MARK: In a position

    private static let separator = " of "

    /// The position of a part of such an input.
    func stated(in checkpoint: Checkpoint) -> Checkpoint {
        var checkpoint = checkpoint
        checkpoint.source += Self.separator + description
        return checkpoint
    }

    /// What a position of a part says; nil: nothing, as it was written by an earlier version.
    init?(statedIn checkpoint: Checkpoint) {
        guard let (_, stated) = Self.split(checkpoint.source) else { return nil }
        let parts = stated.split(separator: ":")
        guard parts.count == 2, let count = Int(parts[0]), let digest = ChainedDigest(parts[1]) else {
            return nil
        }
        (self.count, self.digest) = (count, digest)
    }

    /// The position in the whole input that a position of a part is.
    static func whole(of checkpoint: Checkpoint) -> Checkpoint {
        guard InputContents(statedIn: checkpoint) != nil, let (whole, _) = split(checkpoint.source) else {
            return checkpoint
        }
        var checkpoint = checkpoint
        checkpoint.source = String(whole)
        return checkpoint
    }

    /// What is before the last separator and what is after it, which has no spaces; nil: there is none.
    private static func split(_ source: String) -> (whole: Substring, stated: Substring)? {
        guard let space = source.lastIndex(of: " "), source[...space].hasSuffix(separator) else { return nil }
        return (source[...space].dropLast(separator.count), source[source.index(after: space)...])
    }
}
