/// What turns texts into outputs: a model with the options of a run, or a stand-in in tests.
package protocol TextProcessor<Output>: Sendable {
    /// The outputs of one call, one for each text.
    associatedtype Output: Sendable

    /// Throws ``TextError`` if one text is at fault.
    func process(_ texts: [String]) async throws -> Processed<Output>

    /// How many of the first records go into one call, at least one of them: what a call gives is in memory
    /// at once.
    func count(ofFirst records: ArraySlice<Record>) -> Int

    /// How many batches may be processed at the same time. It is more than one for a model on another
    /// machine, so that requests of the next batch are sent while the last answers of a batch are awaited.
    var batchesAtOnce: Int { get }
}

extension TextProcessor {
    package func count(ofFirst records: ArraySlice<Record>) -> Int { records.count }
    package var batchesAtOnce: Int { 1 }
}

/// What one call gave.
package struct Processed<Output: Sendable>: Sendable {
    package var output: Output
    package var tokens: Int
    /// Indices of the texts that were cut.
    package var truncated: [Int]
    /// Texts that are empty or blank.
    package var blank: Int

    package init(_ output: Output, tokens: Int = 0, truncated: [Int] = [], blank: Int = 0) {
        self.output = output
        self.tokens = tokens
        self.truncated = truncated
        self.blank = blank
    }
}

/// A text that cannot be processed, by its index in the call; other texts can.
package struct TextError: Error {
    package let index: Int
    package let message: String

    package init(index: Int, message: String) {
        self.index = index
        self.message = message
    }
}
