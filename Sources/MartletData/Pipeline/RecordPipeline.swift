/// The one loop over records: reads, processes and delivers, in order. The source reads ahead meanwhile, and
/// what `deliver` starts may go on beside the next call, so an endless input never grows memory.
package struct RecordPipeline<Source: RecordSource, Output: Sendable> {
    package var source: Source
    package var processor: any TextProcessor<Output>
    /// Shared with the source, so that batches follow the speed of the processor.
    package var batchSize: BatchSize
    package var badRecords: BadRecordPolicy
    /// Called with the first record.
    package var onFirst: (Record) -> Void = { _ in }
    /// Called after each batch.
    package var onProgress: (RunCounts) -> Void = { _ in }
    /// Called for each record that is left out.
    package var onSkip: (String) -> Void = { _ in }

    /// Texts that go into one call after one of them failed: few, so that a batch full of bad texts is not
    /// run over and over.
    private static var cautiousCount: Int { 64 }

    /// Records that were processed together, and what comes with them.
    package struct Delivery {
        package var records: [Record]
        /// nil without records.
        package var output: Output?
        /// Records before or among these that were left out.
        package var skipped: [SkippedRecord]
        /// Positions in `records` of texts that were cut.
        package var truncated: [Int]
        /// The position after these records, at the end of a batch.
        package var checkpoint: Checkpoint?
    }

    package init(
        _ source: Source, processor: any TextProcessor<Output>, batchSize: BatchSize,
        badRecords: BadRecordPolicy
    ) {
        self.source = source
        self.processor = processor
        self.batchSize = batchSize
        self.badRecords = badRecords
    }

    /// Runs to the end of the source. Everything before an error is delivered before it is thrown.
    nonisolated(nonsending) package func run(
        after checkpoint: Checkpoint? = nil, deliver: nonisolated(nonsending) (Delivery) async throws -> Void
    ) async throws -> RunCounts {
        var counts = RunCounts()
        guard processor.batchesAtOnce > 1 else {
            for try await batch in source.batches(after: checkpoint) {
                try await take(batch, nil, &counts, deliver)
            }
            return counts
        }
        let batches = StartedBatches(source, after: checkpoint, processor, count: processor.batchesAtOnce)
        try await batches.forEach { try await take($0.batch, $0.call, &counts, deliver) }
        return counts
    }

    nonisolated(nonsending) private func take(
        _ batch: RecordBatch, _ call: StartedBatches<Output>.Call?, _ counts: inout RunCounts,
        _ deliver: nonisolated(nonsending) (Delivery) async throws -> Void
    ) async throws {
        try Task.checkCancellation()
        let clock = ContinuousClock()
        let began = clock.now
        if counts.texts == 0, let first = batch.records.first { onFirst(first) }
        for record in batch.skipped { skip(record, &counts) }
        try await process(batch, call, &counts, deliver)
        let (seconds, attoseconds) = (clock.now - began).components
        batchSize.observe(count: batch.records.count, seconds: Double(seconds) + Double(attoseconds) * 1e-18)
        counts.bytesRead = batch.bytesRead
        counts.unchanged += batch.unchanged
        onProgress(counts)
    }

    /// - Parameter call: A call with the first records that was made already.
    nonisolated(nonsending) private func process(
        _ batch: RecordBatch, _ call: StartedBatches<Output>.Call?, _ counts: inout RunCounts,
        _ deliver: nonisolated(nonsending) (Delivery) async throws -> Void
    ) async throws {
        var rest = batch.records[...]
        var waiting = batch.skipped
        var step = rest.count
        var call = call
        while !rest.isEmpty {
            let early = call.take()
            let part = Array(rest.prefix(early?.count ?? min(step, processor.count(ofFirst: rest))))
            do {
                var delivery = try await delivery(of: part, early, &counts)
                rest = rest.dropFirst(part.count)
                swap(&delivery.skipped, &waiting)
                if rest.isEmpty { delivery.checkpoint = batch.end }
                try await deliver(delivery)
                if rest.isEmpty { return }
            } catch let error as TextError where part.indices.contains(error.index) {
                let bad = part[error.index]
                if error.index > 0 {
                    // Those before the text at fault were fine, but what became of them went with the call.
                    var delivery = try await delivery(of: Array(part[..<error.index]), nil, &counts)
                    swap(&delivery.skipped, &waiting)
                    try await deliver(delivery)
                }
                guard badRecords == .skip else { throw DataError(.text, at: bad.place, error.message) }
                let skipped = SkippedRecord(index: bad.index, message: "\(bad.place): \(error.message)")
                skip(skipped, &counts)
                waiting.append(skipped)
                rest = rest.dropFirst(error.index + 1)
                step = Self.cautiousCount
            }
        }
        try await deliver(
            Delivery(records: [], output: nil, skipped: waiting, truncated: [], checkpoint: batch.end))
    }

    nonisolated(nonsending) private func delivery(
        of records: [Record], _ call: StartedBatches<Output>.Call?, _ counts: inout RunCounts
    ) async throws -> Delivery {
        let result =
            if let call { try await call.value() } else { try await processor.process(records.map(\.text)) }
        counts.texts += records.count
        counts.tokens += result.tokens
        counts.blank += result.blank
        counts.truncated += result.truncated.count
        if counts.firstTruncated == nil, let first = result.truncated.first {
            counts.firstTruncated = records[first].place
        }
        return Delivery(records: records, output: result.output, skipped: [], truncated: result.truncated)
    }

    private func skip(_ record: SkippedRecord, _ counts: inout RunCounts) {
        counts.skipped += 1
        onSkip(record.message)
    }
}
