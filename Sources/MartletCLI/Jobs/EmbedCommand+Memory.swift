#if Command

import ArgumentParser
import Martlet
import MartletData
import MartletJobs

/// A number of bytes, such as 512MiB.
struct ByteCount: ExpressibleByArgument {
    let bytes: Int

    init?(argument: String) {
        let units: [(ending: String, shift: Int)] = [
            ("KiB", 10), ("MiB", 20), ("GiB", 30), ("K", 10), ("M", 20), ("G", 30),
        ]
        let unit = units.first { argument.hasSuffix($0.ending) }
        guard let number = Int(argument.dropLast(unit?.ending.count ?? 0)), number > 0,
            number <= Int.max >> (unit?.shift ?? 0)
        else { return nil }
        bytes = number << (unit?.shift ?? 0)
    }
}

extension EmbedCommand {
    /// Bytes that a sink gathers besides the batches.
    private enum Gathered {
        /// A row group of Parquet and its encoding.
        static let parquet = 112 << 20
        /// Requests to a database and its answers.
        static let database = 32 << 20
        static let file = 4 << 20
    }

    /// Refuses --max-memory where memory grows with the input.
    func checkMemory(_ kind: EmbeddingKind) throws(CommandError) {
        guard job.maxMemory != nil else { return }
        if kind != .dense || model.pooling == .tokens {
            throw .usage(
                "--max-memory is for one dense vector a text; rows of other kinds have no fixed size")
        }
        if job.onlyChanged {
            throw .usage(
                "--max-memory does not hold --only-changed, which keeps a digest of every text in memory; drop one of them"
            )
        }
        if databases.to?.hasPrefix("martlet:") == true {
            throw .usage(
                "--max-memory does not hold --to martlet:, whose collection is mapped into memory; drop one of them"
            )
        }
    }

    /// Holds batches to what --max-memory leaves beside the model.
    func limitMemory(_ batchSize: BatchSize, beside info: ModelInfo, for output: OutputPlan)
        throws(CommandError)
    {
        guard let limit = job.maxMemory?.bytes else { return }
        let sink =
            databases.to != nil
            ? Gathered.database : output.format == .parquet ? Gathered.parquet : Gathered.file
        let plan: MemoryPlan
        do throws(MemoryPlan.TooSmall) {
            plan = try MemoryPlan(
                limit: limit, used: System.peakMemory(), working: info.workingMemoryLimit, sink: sink,
                row: info.dimensions * MemoryLayout<Float>.stride)
        } catch {
            throw .usage(
                "--max-memory \(Format.fileSize(limit)): \(info.name) with \(Format.count(info.threads, "thread")) needs \(Format.bytes(error.needed)) "
                    + "with the smallest batches; give that much, fewer --threads, or a smaller model")
        }
        batchSize.limit(texts: plan.texts, bytes: plan.bytes)
    }
}

#endif
