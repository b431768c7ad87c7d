public import Martlet

/// Query-through: look up, and add what is not there.
extension CollectionWriter {
    /// What a look-up found, or added.
    public struct Answer: Sendable {
        /// The nearest records with at least the wanted similarity, the nearest first.
        public let hits: [Hit]
        /// The id under which the text was added; nil if something near enough was there.
        public let added: String?
    }

    /// The records that are near enough to a text; if there are none, the text is added, so that the next
    /// call finds it.
    ///
    /// The vector is used for both. Calls from several tasks are safe: of two with like texts at the same
    /// time, one adds and the other finds.
    /// - Parameters:
    ///   - text: The text to add.
    ///   - vector: Its vector.
    ///   - sparse: Its sparse vector, in a collection whose words are weighed by a model.
    ///   - threshold: The least similarity of a hit.
    ///   - identity: The model that made the vector.
    ///   - id: For the record that is added, which no record has yet; nil: one that follows from the text.
    ///   - fields: Of the record that is added.
    ///   - count: Hits wanted at most.
    /// - Throws: ``IndexError``; nothing was added then.
    public func query(
        _ text: String, vector: [Float], sparse: SparseEmbedding? = nil, threshold: Float,
        identity: CollectionIdentity, id: String? = nil, fields: [String: FieldValue] = [:], count: Int = 10
    ) throws(IndexError) -> Answer {
        var request = SearchRequest(vector: vector, count: count)
        request.identity = identity
        let hits = try Self.near(snapshot, request, threshold)
        if !hits.isEmpty { return Answer(hits: hits, added: nil) }
        let record = Record(
            id: id ?? Self.id(of: text), text: text, vector: vector, fields: fields, sparse: sparse)
        return try change { (snapshot) throws(IndexError) in
            // Another call may have added a like text since.
            let hits = try Self.near(snapshot, request, threshold)
            guard hits.isEmpty else { return (Answer(hits: hits, added: nil), []) }
            if let id, try snapshot.record(id: id) != nil {
                throw IndexError(
                    .invalidRecord,
                    "there is a record with the id \"\(id)\" already; leave the id out, or give another")
            }
            return (Answer(hits: [], added: record.id), [record])
        }
    }

    private static func near(_ snapshot: Snapshot, _ request: SearchRequest, _ threshold: Float)
        throws(IndexError) -> [Hit]
    {
        try snapshot.search(request).filter { $0.score >= threshold }
    }

    /// The same for the same text, so that adding it again replaces it.
    private static func id(of text: String) -> String {
        var text = text
        let hash = text.withUTF8 { ByteTable.hash($0) }
        return "text-\(String(hash, radix: 16))-\(text.utf8.count)"
    }
}
