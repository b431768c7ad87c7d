import Martlet
import MartletData

/// A run from a source through a model into a sink, which goes on where it was interrupted.
///
/// ```swift
/// let job = EmbeddingJob(FileSource([.file("chats.jsonl", .jsonl)]), model: try Embedder.miniLM())
/// let result = try await job.run(into: MySink())
/// ```
/// The sink says where to go on: ``RecordSink/begin(_:)`` returns the position of its last commit. With
/// ``run(writing:as:source:)`` the position is kept beside the output file.
public struct EmbeddingJob<Source: RecordSource, Model: EmbeddingModel> where Model.Output == Embeddings {
    public let source: Source
    public let model: Model
    /// What the texts are; it chooses among the model's prompts.
    public var role: TextRole?
    public var options = EmbedOptions()
    /// What a record that cannot be read or embedded does.
    public var badRecords = BadRecordPolicy.stop
    /// Called after each batch, about twice a second.
    public var onProgress: (JobResult) -> Void = { _ in }
    /// Called with the place and the reason for each record that is left out.
    public var onSkip: (String) -> Void = { _ in }

    /// A job over the records of a source. It does nothing before it is run.
    public init(_ source: Source, model: Model) {
        self.source = source
        self.model = model
    }

    /// Embeds what the sink does not have yet, and commits after each batch.
    ///
    /// Time is that of embedding; memory is that of a few batches, whatever the length of the source.
    /// - Parameter sink: It is finished also after an error or when the task is cancelled.
    /// - Throws: What the source, the model or the sink throws. What was committed before stays.
    public func run(into sink: sending any RecordSink) async throws -> JobResult {
        let schema = try await schema()
        var sink = sink
        let start = try await sink.begin(schema)
        return try await run(after: start, into: SinkWriter(sink))
    }

    /// Embeds into a file, which appears when it is whole; rows and position are in `FILE.job` until then.
    /// - Parameters:
    ///   - path: The output.
    ///   - format: Its form; nil: what the ending of the name says.
    ///   - source: What names the source and its state, such as its path and size: a job goes on only over
    ///     the same.
    /// - Returns: What this run did; nothing if the file has all rows already.
    /// - Throws: ``DataError/Code/changedInput`` if the journal is of another model, source or other options.
    public func run(writing path: String, as format: OutputFormat? = nil, source name: String) async throws
        -> JobResult
    {
        guard let format = format ?? OutputFormat.forFile(path) else {
            throw DataError(.unsupported, at: path, "the ending of the name says no format")
        }
        let schema = try await schema()
        let header = JobHeader(format: format.name, schema: schema, settings: settings, source: name)
        let job = try FileJob(writing: path, as: format, header)
        if case .finished = job.state { return JobResult() }
        var sink = try job.sink()
        let start = try sink.begin(schema)
        let result = try await run(after: start, into: SinkWriter(sink))
        try await job.finish()
        return result
    }

    private func run(after start: Checkpoint?, into writer: SinkWriter) async throws -> JobResult {
        let before = start?.index ?? 0
        let batchSize = BatchSize()
        var pipeline = RecordPipeline(
            source, processor: ModelProcessor(model: model, role: role, options: options),
            batchSize: batchSize, badRecords: badRecords)
        pipeline.onProgress = { [onProgress] in onProgress(JobResult($0, before: before)) }
        pipeline.onSkip = onSkip
        return JobResult(try await pipeline.run(after: start, into: writer), before: before)
    }

    /// The shape of the vectors with these options, and the identity that goes with them: one text says it.
    private func schema() async throws -> VectorSchema {
        let vectors = try await model.embed(["martlet"], as: role, options: options)
        return VectorSchema(width: vectors.dimensions, identity: vectors.identity ?? model.identity)
    }

    /// Options that change rows and are in no identity.
    private var settings: [JobHeader.Setting] {
        [
            JobHeader.Setting("role", role.map { "\($0)" } ?? "none"),
            JobHeader.Setting("prompt", options.prompt ?? "the role's"),
            JobHeader.Setting("truncation", options.truncation.rawValue),
            JobHeader.Setting("bad records", badRecords.rawValue),
        ]
    }
}

/// A model as the pipeline calls it.
private struct ModelProcessor<Model: EmbeddingModel>: TextProcessor where Model.Output == Embeddings {
    let model: Model
    let role: TextRole?
    let options: EmbedOptions

    func count(ofFirst records: ArraySlice<Record>) -> Int {
        min(records.count, max(1, model.limits.maxTexts ?? .max))
    }

    func process(_ texts: [String]) async throws -> Processed<VectorRows> {
        do {
            let vectors = try await model.embed(texts, as: role, options: options)
            let rows = DenseRows(
                count: vectors.count, width: vectors.dimensions, elements: .float32(vectors.floats))
            return Processed(
                .dense(rows), tokens: vectors.usage.tokens, truncated: vectors.usage.truncatedInputs,
                blank: vectors.usage.blankInputs)
        } catch let error as MartletError {
            guard let index = error.inputIndex else { throw error }
            throw TextError(index: index, message: error.message)
        }
    }
}
