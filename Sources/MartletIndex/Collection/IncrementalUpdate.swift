/// Compares what a collection holds with its sources, so that a later run embeds what has changed and nothing
/// else.
///
/// ```swift
/// var update = IncrementalUpdate(of: try collection.snapshot())
/// for text in texts
/// where try update.state(id: text.id, text: text.text, fields: text.fields) != .unchanged {
///     changed.append(text)
/// }
/// …                                                                 // embed and add what changed
/// try writer.remove(ids: update.unseen(where: { fields in … }))     // what has left its source
/// ```
/// Memory: a bit for each row.
public struct IncrementalUpdate {
    private let snapshot: Snapshot
    private var seen: [RowSet]
    private var seenRecent: Set<Int> = []
    private let recent: [[UInt8]: Int]
    /// Built when something has changed.
    private var texts: StoredTexts?

    /// Begins a comparison with what a snapshot holds. Cost: a bit for each row.
    public init(of snapshot: Snapshot) {
        self.snapshot = snapshot
        seen = snapshot.parts.map { RowSet(count: $0.segment.count) }
        var places: [[UInt8]: Int] = [:]
        for (place, row) in snapshot.recent.enumerated() { places[row.row.id] = place }
        recent = places
    }

    /// What a source's record is to the collection.
    public enum State: Sendable { case new, changed, unchanged }

    /// Compares the text and the fields with what the collection holds, and notes that the source still has
    /// the record.
    /// - Throws: ``IndexError`` if a file is damaged.
    public mutating func state(id: String, text: String, fields: [String: FieldValue]) throws(IndexError)
        -> State
    {
        let bytes = Array(id.utf8)
        if let place = recent[bytes] {
            seenRecent.insert(place)
            let row = snapshot.recent[place].row
            return row.text.elementsEqual(text.utf8) && equal(row.fields, fields) ? .unchanged : .changed
        }
        for (index, part) in snapshot.parts.enumerated().reversed() {
            let found = try bytes.withUnsafeBytesThrowing { (bytes) throws(IndexError) in
                try part.segment.find(bytes)
            }
            guard let row = found, part.dead?.contains(row) != true else { continue }
            seen[index].insert(row)
            guard try part.segment.text(row).elementsEqual(text.utf8) else { return .changed }
            return equal(try part.segment.content(row).fields, fields) ? .unchanged : .changed
        }
        return .new
    }

    /// The vector of a record that has this text, whatever its id: a text that has moved, or whose fields have
    /// changed, need not be embedded again.
    ///
    /// The first call reads all texts: about a second and 16 MB for a million.
    /// - Throws: ``IndexError`` if a file is damaged.
    public mutating func vector(ofText text: String) throws(IndexError) -> [Float]? {
        // Where a model weighs words, the text goes through it, too.
        if snapshot.count == 0 || snapshot.settings.sparse != nil { return nil }
        let known: StoredTexts
        if let texts { known = texts } else { known = try StoredTexts(snapshot) }
        texts = known
        return try known.row(of: text).map { snapshot.vector(of: $0) }
    }

    /// Whether the collection would hold these fields as those: an integer in a float field is a float, an
    /// empty list is none.
    private func equal(_ stored: [String: FieldValue], _ fields: [String: FieldValue]) -> Bool {
        var fields = fields
        for (name, value) in fields {
            if case .integer(let number) = value, snapshot.fields.types[name] == .float {
                fields[name] = .float(Double(number))
            }
            if case .strings(let list) = value, list.isEmpty { fields[name] = nil }
        }
        var stored = stored
        for (name, value) in stored {
            if case .strings(let list) = value, list.isEmpty { stored[name] = nil }
        }
        return stored == fields
    }

    /// The ids of records that no source has named, of those whose fields `isInScope` accepts.
    public func unseen(where isInScope: ([String: FieldValue]) -> Bool) throws(IndexError) -> [String] {
        var ids: [String] = []
        for (part, seen) in zip(snapshot.parts, seen) {
            var set = RowSet(count: part.segment.count, all: true)
            set.subtract(seen)
            if let dead = part.dead { set.subtract(dead) }
            try set.forEach { (row) throws(IndexError) in
                let content = try part.segment.content(row)
                if isInScope(content.fields) { ids.append(content.id) }
            }
        }
        for (place, row) in snapshot.recent.enumerated()
        where !seenRecent.contains(place) && isInScope(row.row.fields) {
            ids.append(String(decoding: row.row.id, as: UTF8.self))
        }
        return ids
    }
}
