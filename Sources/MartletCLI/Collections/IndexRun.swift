#if Command

import Martlet
import MartletIndex

/// One run of `martlet index`: embeds what is new or changed, and commits it in large pieces.
struct IndexRun {
    private let embedder: Embedder
    private let writer: CollectionWriter
    private let identity: CollectionIdentity
    private var update: IncrementalUpdate
    private var waiting: [IndexedText] = []
    private var records: [MartletIndex.Record] = []
    private(set) var added = 0
    private(set) var changed = 0
    private(set) var unchanged = 0
    private(set) var removed = 0

    private static let textsAtOnce = 2048
    private static let recordsOfCommit = 8192

    init(embedder: Embedder, writer: CollectionWriter, snapshot: Snapshot) {
        self.embedder = embedder
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
        for (text, vector) in zip(waiting, vectors) {
            records.append(
                MartletIndex.Record(id: text.id, text: text.text, vector: vector.values, fields: text.fields))
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
