import MartletData

/// Takes rows into the log of a job. Every commit is durable and carries the position in the source.
package struct JobSink: RecordSink {
    private let log: JobLog
    private let header: JobHeader

    /// - Parameter log: A log of that header.
    init(_ log: JobLog, header: JobHeader) {
        self.log = log
        self.header = header
    }

    package mutating func begin(_ schema: VectorSchema) throws(DataError) -> Checkpoint? {
        log.last?.checkpoint
    }

    package mutating func write(_ batch: RowBatch) throws(DataError) {
        try log.append(batch, digests: header.keepsRows ? batch.records.map { TextDigest(of: $0.text) } : nil)
    }

    package mutating func commit(_ checkpoint: Checkpoint) throws(DataError) { try log.commit(checkpoint) }

    package mutating func finish() throws(DataError) { try log.dropUncommitted() }
}
