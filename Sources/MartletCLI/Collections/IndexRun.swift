#if Command

import Martlet
import MartletData
import MartletIndex
import MartletJSON
internal import MartletSystem

/// One run of `martlet index`: embeds texts that are new, and commits what has changed in large pieces.
struct IndexRun {
    private let embedder: Embedder
    /// What weighs the texts' words; nil: they are counted.
    private let words: SparseEmbedder?
    private let writer: CollectionWriter
    private let identity: CollectionIdentity
    private var update: IncrementalUpdate
    private var waiting: [IndexedText] = []
    private var records: [MartletIndex.Record] = []
    /// Where each of the records is from.
    private var places: [String] = []
    /// The ids of this run, as hashes: one that comes twice would replace its own record.
    private var ids: Set<Int> = []
    private var committed = ContinuousClock.now
    private(set) var added = 0
    private(set) var changed = 0
    private(set) var unchanged = 0
    private(set) var removed = 0
    private(set) var repeated = 0
    /// Texts that went through the model: one that was there before, under another id or with other fields,
    /// keeps its vector.
    private(set) var embedded = 0
    private(set) var truncated = 0

    private static let textsAtOnce = 1024
    private static let recordsOfCommit = 8192
    /// A run that is ended loses what it embedded after its last commit.
    private static let pause: Duration = .seconds(30)

    init(embedder: Embedder, words: SparseEmbedder?, writer: CollectionWriter, snapshot: Snapshot) {
        self.embedder = embedder
        self.words = words
        self.writer = writer
        identity = snapshot.settings.identity
        update = IncrementalUpdate(of: snapshot)
    }

    /// - Parameters:
    ///   - onSkip: Is told of a text whose id came before in this run.
    ///   - isEnded: Whether the run is to end after the records that are ready.
    mutating func take(_ text: IndexedText, onSkip: (String) -> Void, isEnded: () -> Bool) throws {
        guard ids.insert(ExactText(text.id).hashValue).inserted else {
            repeated += 1
            return onSkip("\(text.place): the id \(text.id.quotedForMessage) came before in this run")
        }
        switch try update.state(id: text.id, text: text.text, fields: text.fields) {
        case .unchanged:
            unchanged += 1
            return
        case .new: added += 1
        case .changed: changed += 1
        }
        if let vector = try update.vector(ofText: text.text) {
            records.append(
                MartletIndex.Record(id: text.id, text: text.text, vector: vector, fields: text.fields))
            places.append(text.place)
            if records.count >= Self.recordsOfCommit { try commit() }
            return
        }
        waiting.append(text)
        guard waiting.count >= Self.textsAtOnce else { return }
        try embed()
        guard isEnded() else { return }
        try commit()
        throw CancellationError()
    }

    /// Commits what is left, and removes the records whose text is no longer under the inputs.
    mutating func finish(roots: [String]) throws {
        try embed()
        try commit()
        let folders = roots.map { $0.hasSuffix("/") ? $0 : $0 + "/" }
        let gone = try update.unseen { fields in
            guard case .string(let source)? = fields[IndexedTexts.ownSource] ?? fields["source"] else {
                return false
            }
            return roots.contains { ExactText($0) == ExactText(source) }
                || folders.contains { source.utf8.starts(with: $0.utf8) }
        }
        if !gone.isEmpty { removed = try writer.remove(ids: gone) }
    }

    private mutating func embed() throws {
        if waiting.isEmpty { return }
        let vectors = try embedder.embedBlocking(waiting.map(\.text), as: .document)
        embedded += waiting.count
        truncated += vectors.usage.truncatedInputs.count
        let weights = try words?.embedBlocking(waiting.map(\.text), as: .document)
        for (index, text) in waiting.enumerated() {
            records.append(
                MartletIndex.Record(
                    id: text.id, text: text.text, vector: vectors[index].values, fields: text.fields,
                    sparse: weights?[index]))
            places.append(text.place)
        }
        waiting.removeAll(keepingCapacity: true)
        if records.count >= Self.recordsOfCommit || committed.duration(to: .now) > Self.pause { try commit() }
    }

    private mutating func commit() throws {
        committed = .now
        if records.isEmpty { return }
        do throws(IndexError) { try writer.add(records, identity: identity) } catch {
            guard error.code == .invalidRecord, let index = error.position, places.indices.contains(index)
            else {
                throw error
            }
            throw CommandError("\(places[index]): \(Self.reason(error, record: index))")
        }
        records.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
    }

    /// What is wrong with a record, without its number, which says nothing here.
    private static func reason(_ error: IndexError, record: Int) -> String {
        for (start, word) in [("record \(record): ", ""), ("record \(record) ", "the record ")]
        where error.message.hasPrefix(start) {
            return word + error.message.dropFirst(start.count)
        }
        return error.message
    }
}

#endif
