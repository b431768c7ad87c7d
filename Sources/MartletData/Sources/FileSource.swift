/// Records of files, of standard input and of texts that are given, one input after the other.
public struct FileSource: RecordSource {
    /// One input.
    public enum Input: Sendable, Hashable {
        /// A text that is a record by itself, and the name by which messages call it.
        case text(String, name: String)
        case file(String, InputFormat)
        case standardInput(InputFormat)
    }

    /// What is read, in order.
    public let inputs: [Input]
    /// The members or columns that hold text and id.
    public let fields: FieldNames
    /// What happens to a record that cannot be read.
    public let badRecords: BadRecordPolicy
    let batchSize: BatchSize

    /// - Parameters:
    ///   - inputs: What is read, in order.
    ///   - fields: The members or columns that hold text and id, for formats that have them.
    ///   - badRecords: Whether a record that cannot be read ends the sequence or is reported in its batch.
    ///   - batchSize: How many records make a batch; share it with what embeds them.
    public init(
        _ inputs: [Input], fields: FieldNames = FieldNames(), badRecords: BadRecordPolicy = .stop,
        batchSize: BatchSize = BatchSize()
    ) {
        self.inputs = inputs
        self.fields = fields
        self.badRecords = badRecords
        self.batchSize = batchSize
    }

    /// Batches that a thread reads ahead of the consumer, two at most.
    public struct Batches: AsyncSequence, Sendable {
        public typealias Element = RecordBatch
        public typealias Failure = any Error
        fileprivate let batches: ThreadBatches

        public func makeAsyncIterator() -> Iterator { Iterator(base: batches.makeAsyncIterator()) }
    }

    public func batches(after checkpoint: Checkpoint?) -> Batches {
        let source = self
        return Batches(
            batches: ThreadBatches(name: "input") { () throws(DataError) in
                var reader = try BatchReader(source, after: checkpoint)
                return { () throws(DataError) in try reader.next() }
            })
    }

    /// Gives the batches one after the other.
    public final class Iterator: AsyncIteratorProtocol {
        private let base: ThreadBatches.Iterator

        fileprivate init(base: ThreadBatches.Iterator) { self.base = base }

        public func next() async throws -> RecordBatch? { try await base.next() }
    }

    /// Bytes of all inputs; nil if one of them does not tell.
    public var totalBytes: Int? {
        var total = 0
        for input in inputs {
            switch input {
            case .text(let text, _): total += text.utf8.count
            case .standardInput:
                guard let size = FileSystem.fileSize(0) else { return nil }
                total += size
            case .file(let path, _):
                guard let size = FileSystem.fileSize(path: path) else { return nil }
                total += size
            }
        }
        return total
    }

    /// Throws for a file that cannot be opened for reading, without opening any: before other work is done.
    public func checkFiles() throws(DataError) {
        for case .file(let path, _) in inputs { try ByteSource.check(path) }
    }

    /// Differs when an input, its format, its size, its time of change or the fields differ. nil: an input is
    /// a stream, which cannot be read again.
    package var digest: String? {
        // FNV-1a. It notices changes; it does not defend against somebody who makes two inputs with one
        // digest.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ text: String) {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
            hash = (hash ^ 0xFF) &* 0x0000_0100_0000_01B3
        }
        add(fields.textName)
        add(fields.idName)
        for input in inputs {
            switch input {
            case .text(let text, let name):
                add(name)
                add(text)
            case .file(let path, let format):
                guard let state = FileSystem.state(path: path) else { return nil }
                add(path)
                add(format.name)
                add(state)
            case .standardInput(let format):
                guard let state = FileSystem.state(0) else { return nil }
                add(format.name)
                add(state)
            }
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
