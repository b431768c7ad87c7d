import Martlet
import MartletData

@testable import MartletJobs

/// A model without weights: a vector follows from the text alone.
struct Counting: TextProcessor {
    static let width = 3

    static func identity(weights: String = "test:1") -> ModelIdentity {
        ModelIdentity(
            space: VectorSpace(model: "counting", weights: weights, dimensions: width),
            computation: Computation(precision: "f32", device: "cpu"))
    }

    /// Ends like a killed process when it sees this text.
    var fails: String?

    struct Killed: Error {}

    static func vector(_ text: String) -> [Float] {
        let digest = TextDigest(of: text)
        return [Float(text.utf8.count), Float(digest.high >> 40), Float(digest.low >> 40)]
    }

    func process(_ texts: [String]) async throws -> Processed<VectorRows> {
        if let fails, texts.contains(fails) { throw Killed() }
        let rows = DenseRows(
            count: texts.count, width: Self.width, elements: .float32(texts.flatMap(Self.vector)))
        return Processed(
            .dense(rows), tokens: texts.count, truncated: texts.indices.filter { texts[$0].hasSuffix("7") })
    }
}

func header(
    _ format: OutputFormat = .npy, weights: String = "test:1", settings: [JobHeader.Setting] = [],
    source: String,
    shard: JobHeader.Shard? = nil, keepsRows: Bool = false
) -> JobHeader {
    JobHeader(
        format: format.name,
        schema: VectorSchema(
            width: Counting.width, identity: Counting.identity(weights: weights),
            facts: [VectorSchema.Fact(name: "role", json: "\"query\"")]),
        settings: settings, source: source, shard: shard, keepsRows: keepsRows, companion: true)
}

func batch(_ range: Range<Int>) -> RowBatch {
    let ids: [RecordID] = [.none, .text("é\n"), .literal("1.0")]
    let records = range.map { Record(text: "text \($0)", id: ids[$0 % 3], index: $0, source: "in") }
    let rows = DenseRows(
        count: records.count, width: Counting.width,
        elements: .float32(records.flatMap { Counting.vector($0.text) }))
    return RowBatch(
        records: records, rows: .dense(rows),
        skipped: [SkippedRecord(index: range.upperBound, message: "bad")],
        truncated: records.indices.filter { $0 % 2 == 1 })
}

/// As a log keeps it: without texts and places.
func stored(_ batch: RowBatch) -> RowBatch {
    var batch = batch
    batch.records = batch.records.map { Record(text: "", id: $0.id, index: $0.index, source: "") }
    return batch
}
