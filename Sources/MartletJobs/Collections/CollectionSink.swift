import Martlet
import MartletData
import MartletIndex

/// Rows into a collection of MartletIndex.
///
/// A row replaces the one with its id. Rows and the position in the source are one commit of the collection, so
/// every row is there once whatever ends a run. A commit takes thousands of rows, or those of half a minute:
/// rows that came after the last one are embedded again after a crash.
public struct CollectionSink: RecordSink {
    private let path: String
    private let similarity: VectorSimilarity
    private let source: String
    private let rowsOfCommit: Int
    private let pause: Duration
    /// When the last commit was.
    private var stored = ContinuousClock.now
    private let open = Open()
    private var identity: CollectionIdentity?
    /// Rows after the last commit, and how many of them come before `checkpoint`.
    private var rows: [MartletIndex.Record] = []
    private var places: [String] = []
    private var complete = 0
    private var checkpoint: Checkpoint?

    /// The writer, which keeps others out until the sink is finished, whoever still has a copy of the sink.
    private final class Open {
        var writer: CollectionWriter?
    }

    static let sourceNote = "job_source"
    static let positionNote = "job_position"
    static var noteNames: [String] { [sourceNote, positionNote] }

    /// - Parameters:
    ///   - path: The folder; it is made if it does not exist.
    ///   - similarity: How a new collection compares vectors.
    ///   - source: What names the source and the options of the job: another one begins at the beginning.
    ///   - rowsOfCommit: Rows that are gathered before they are stored.
    ///   - pause: After this time rows are stored, however few they are.
    public init(
        path: String, similarity: VectorSimilarity = .cosine, source: String, rowsOfCommit: Int = 4096,
        pause: Duration = .seconds(30)
    ) {
        self.path = path
        self.pause = pause
        self.similarity = similarity
        self.source = source
        self.rowsOfCommit = rowsOfCommit
    }

    public mutating func begin(_ schema: VectorSchema) throws -> Checkpoint? {
        guard schema.kind == .dense, schema.elementType == .float32, let model = schema.identity else {
            throw DataError(
                .unsupported, at: path,
                "a collection takes dense vectors of float32 from a known model, not \(schema.kind.rawValue) of \(schema.elementType.rawValue)"
            )
        }
        let identity = CollectionIdentity(model)
        let collection = try collection(schema, identity)
        let settings = collection.settings
        guard settings.identity == identity, settings.dimensions == schema.width else {
            throw DataError(
                .changedInput, at: path,
                "holds vectors of \(settings.identity.shortText) with \(settings.dimensions) dimensions, "
                    + "and these are of \(identity.shortText) with \(schema.width)",
                remedies: [.advice("name another folder"), .advice("use the same model and options")])
        }
        let writer = try collection.writer()
        open.writer = writer
        stored = .now
        self.identity = identity
        let notes = writer.snapshot.notes
        let mark = DestinationMark(
            fingerprint: "", identity: "", source: notes[Self.sourceNote] ?? "",
            position: notes[Self.positionNote] ?? "")
        return mark.checkpoint(of: source)
    }

    private func collection(_ schema: VectorSchema, _ identity: CollectionIdentity) throws -> SearchCollection
    {
        do throws(IndexError) {
            return try SearchCollection(opening: path)
        } catch {
            guard error.code == .notFound else { throw error }
            return try SearchCollection.create(
                at: path,
                settings: CollectionSettings(
                    identity: identity, dimensions: schema.width, similarity: similarity))
        }
    }

    public mutating func write(_ batch: RowBatch) throws {
        guard case .dense(let dense) = batch.rows, case .float32(let values) = dense.elements else { return }
        for (row, record) in batch.records.enumerated() {
            rows.append(
                MartletIndex.Record(
                    id: record.collectionID, text: record.text, vector: Array(values[dense.range(of: row)]),
                    fields: ["source": .string(record.source)]))
            places.append(record.place)
        }
    }

    public mutating func commit(_ checkpoint: Checkpoint) throws {
        self.checkpoint = checkpoint
        complete = rows.count
        if rows.count >= rowsOfCommit || ContinuousClock.now - stored >= pause { try store() }
    }

    /// Commits the rows before the last position.
    private mutating func store() throws {
        guard let writer = open.writer, let identity, let checkpoint else { return }
        var notes = writer.snapshot.notes
        notes[Self.sourceNote] = source
        notes[Self.positionNote] = DestinationMark.json(checkpoint)
        do throws(IndexError) {
            try writer.add(Array(rows[..<complete]), identity: identity, notes: notes)
        } catch {
            guard error.code == .invalidRecord, let position = error.position else { throw error }
            throw DataError(.io, at: places[position], "cannot be stored in \(path): \(error.message)")
        }
        rows.removeFirst(complete)
        places.removeFirst(complete)
        (complete, self.checkpoint) = (0, nil)
        stored = .now
    }

    public mutating func finish() throws {
        defer { open.writer = nil }
        try store()
    }
}

extension MartletData.Record {
    /// As `martlet index` names records: the id, else the place.
    var collectionID: String {
        switch id {
        case .text(let text), .literal(let text): text
        case .none: "\(source)#\(line > 0 ? line : index)"
        }
    }
}

extension CollectionIdentity {
    /// The model's name and the beginning of the fingerprint.
    fileprivate var shortText: String { "\(model) (\(fingerprint.prefix(19))…)" }
}
