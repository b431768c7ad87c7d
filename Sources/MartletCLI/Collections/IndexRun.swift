#if Command

import Martlet
import MartletIndex

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
    private(set) var added = 0
    private(set) var changed = 0
    private(set) var unchanged = 0
    private(set) var removed = 0
    /// Texts that went through the model: one that was there before, under another id or with other fields,
    /// keeps its vector.
    private(set) var embedded = 0
    private(set) var truncated = 0

    private static let textsAtOnce = 2048
    private static let recordsOfCommit = 8192

    init(embedder: Embedder, words: SparseEmbedder?, writer: CollectionWriter, snapshot: Snapshot) {
        self.embedder = embedder
        self.words = words
        self.writer = writer
        identity = snapshot.settings.identity
        update = IncrementalUpdate(of: snapshot)
    }

    mutating func take(_ text: IndexedText) throws {
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
            if records.count >= Self.recordsOfCommit { try commit() }
            return
        }
        waiting.append(text)
        if waiting.count >= Self.textsAtOnce { try embed() }
    }

    /// Commits what is left, and removes the records whose text is no longer under the inputs.
    mutating func finish(roots: [String]) throws {
        try embed()
        try commit()
        let folders = roots.map { $0.hasSuffix("/") ? $0 : $0 + "/" }
        let gone = try update.unseen { fields in
            guard case .string(let source)? = fields["source"] else { return false }
            return roots.contains(source) || folders.contains { source.hasPrefix($0) }
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
        }
        waiting.removeAll(keepingCapacity: true)
        if records.count >= Self.recordsOfCommit { try commit() }
    }

    private mutating func commit() throws {
        if records.isEmpty { return }
        try writer.add(records, identity: identity)
        records.removeAll(keepingCapacity: true)
    }
}

#endif
