/// Where records come from: files, a database, or a type of the user's own.
///
/// A source gives every record once, in an order that does not change while the input does not, and says
/// after each batch where it is.
public protocol RecordSource: Sendable {
    associatedtype Batches: AsyncSequence<RecordBatch, any Error>

    /// The records after `checkpoint`, or all of them.
    /// - Throws: The sequence throws after the batch that holds the records before the failure. It throws
    ///   ``DataError/Code/changedInput`` for a checkpoint of another input.
    func batches(after checkpoint: Checkpoint?) -> Batches
}
