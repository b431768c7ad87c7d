#if Command

/// Reads, embeds and writes at once, in order: reading and writing have a thread each, embedding runs on the caller's. The queues
/// between them hold two chunks, so an endless input never grows memory.
struct EmbedPipeline {
    var input: InputPlan
    var engine: any TextEngine
    var writer: RowWriter
    var skipsErrors: Bool
    /// Called with the first record.
    var onFirst: (Record) -> Void = { _ in }
    /// Called after each chunk.
    var onProgress: (RunCounts) -> Void = { _ in }
    /// Called for each record that is left out.
    var onSkip: (String) -> Void = { _ in }

    /// Texts of a chunk that are embedded at once after one of them failed: few, so that a chunk full of bad texts is not run over and over.
    private static let cautiousCount = 64

    private struct Embedded: Sendable {
        let records: [Record]
        let rows: Rows
    }

    /// Runs to the end of the input. What was embedded before an error is written; the output is ended in every case.
    func run() throws -> RunCounts {
        let size = RecordBlockSize()
        let chunks = BoundedQueue<RecordBlock>(capacity: 2)
        let embedded = BoundedQueue<Embedded>(capacity: 2)
        let written = BoundedQueue<Result<Void, OutputError>>(capacity: 1)
        let (input, writer, skipsErrors) = (input, writer, skipsErrors)
        try Thread.start {
            var reader = ChunkReader(input, size: size, skipsErrors: skipsErrors)
            while let chunk = reader.next(), chunks.push(chunk) {}
            chunks.close()
        }
        try Thread.start {
            var result: Result<Void, OutputError> = .success(())
            do throws(OutputError) {
                while let block = embedded.pop() { try writer.write(block.records, block.rows) }
            } catch {
                result = .failure(error)
                embedded.cancel()
                chunks.cancel()
            }
            _ = written.push(result)
        }
        defer { chunks.cancel() }

        var counts = RunCounts()
        var failure: (any Error)?
        do {
            while let chunk = chunks.pop() {
                let began = System.seconds()
                if counts.texts == 0, let first = chunk.records.first { onFirst(first) }
                for message in chunk.skipped { skip(message, &counts) }
                try embed(chunk.records, into: embedded, &counts)
                size.observe(count: chunk.records.count, seconds: System.seconds() - began)
                counts.bytesRead = chunk.bytesRead
                onProgress(counts)
                if let error = chunk.failure { throw error }
            }
        } catch {
            failure = error
        }
        embedded.close()
        let result = written.pop()
        do throws(OutputError) {
            try result?.get()
            try writer.end()
        } catch {
            try? writer.end()
            throw error
        }
        if let failure { throw failure }
        return counts
    }

    private func embed(_ records: [Record], into queue: BoundedQueue<Embedded>, _ counts: inout RunCounts) throws {
        var rest = records[...]
        var step = rest.count
        while !rest.isEmpty {
            let part = Array(rest.prefix(min(step, engine.count(ofFirst: rest))))
            do {
                try add(part, into: queue, &counts)
                rest = rest.dropFirst(part.count)
            } catch let error as TextError where part.indices.contains(error.index) {
                let bad = part[error.index]
                let message = "\(bad.place): \(error.message)"
                let before = Array(part[..<error.index])
                if !before.isEmpty { try add(before, into: queue, &counts) }
                guard skipsErrors else { throw CommandError(message) }
                skip(message, &counts)
                rest = rest.dropFirst(error.index + 1)
                step = Self.cautiousCount
            }
        }
    }

    private func add(_ records: [Record], into queue: BoundedQueue<Embedded>, _ counts: inout RunCounts) throws {
        let result = try engine.embed(records.map(\.text))
        counts.texts += records.count
        counts.tokens += result.tokens
        counts.blank += result.blank
        counts.truncated += result.truncated.count
        if counts.firstTruncated == nil, let first = result.truncated.first { counts.firstTruncated = records[first].place }
        _ = queue.push(Embedded(records: records, rows: result.rows))
    }

    private func skip(_ message: String, _ counts: inout RunCounts) {
        counts.skipped += 1
        onSkip(message)
    }
}

#endif
