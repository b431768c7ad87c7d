/// Something that scores how well documents answer a query: a local reranker, a remote one, or a type of your
/// own.
public protocol RelevanceModel: Sendable {
    /// One score for each document, in the order of the documents; higher is better.
    /// - Throws: ``MartletError`` with the index of the document at fault; `CancellationError` if the task
    ///   was cancelled.
    func scores(of documents: [String], for query: String) async throws -> [Float]
}
