internal import MartletTokenizers

/// What happens to a text with more tokens than the model takes.
public enum TruncationPolicy: String, Sendable, Hashable, Codable, CaseIterable {
    /// Cuts the side that the model's files name, which is the end unless they say otherwise; the text is
    /// listed in ``Usage/truncatedInputs``. The default.
    case native
    /// Keeps the beginning; the text is listed in ``Usage/truncatedInputs``.
    case end
    /// Keeps the end; the text is listed in ``Usage/truncatedInputs``.
    case start
    /// Throws ``MartletError/Code/inputTooLong`` with the index of the text.
    case error
}

extension TruncationPolicy {
    /// The side that a tokenizer cuts.
    func side(_ tokenizer: Tokenizer) -> Truncation {
        self == .start || self == .native && tokenizer.cutsStart ? .start : .end
    }
}
