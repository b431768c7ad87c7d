public import Martlet
import MartletTokenizers

/// Counts tokens as a loaded model does, with its prompt and special tokens.
public final class ModelTokenCounter: TokenCounter {
    /// The most tokens of one text, prompt and special tokens included.
    public let maxTokens: Int
    let tokenizer: Tokenizer
    let prompt: [UInt8]
    /// A static model adds no special tokens.
    let addsSpecialTokens: Bool
    /// Unicode scalars after which the model cuts a text, for each token that it takes; nil: it does not.
    let charactersPerToken: Int?

    init(
        maxTokens: Int, tokenizer: Tokenizer, prompt: [UInt8], addsSpecialTokens: Bool,
        charactersPerToken: Int?
    ) {
        self.maxTokens = maxTokens
        self.tokenizer = tokenizer
        self.prompt = prompt
        self.addsSpecialTokens = addsSpecialTokens
        self.charactersPerToken = charactersPerToken
    }

    public func count(_ text: String) -> Int {
        Array(text.utf8).withUnsafeBufferPointer { count($0, TokenizerScratch()) }
    }

    public func measure(_ text: String) -> any TextMeasure { TokenMap(Array(text.utf8), counter: self) }

    /// Tokens of a whole text.
    func count(_ text: UnsafeBufferPointer<UInt8>, _ scratch: TokenizerScratch) -> Int {
        max(first(text, scratch), limitTokens(text))
    }

    /// Tokens of the first part of a text, with all that surrounds the text.
    func first(_ text: UnsafeBufferPointer<UInt8>, _ scratch: TokenizerScratch) -> Int {
        if prompt.isEmpty { return encoded(text, addsSpecialTokens, scratch) }
        return (prompt + text).withUnsafeBufferPointer { encoded($0, addsSpecialTokens, scratch) }
    }

    /// Tokens of a further part, which begins where the tokenizer never joins.
    func further(_ text: UnsafeBufferPointer<UInt8>, _ scratch: TokenizerScratch) -> Int {
        encoded(text, false, scratch)
    }

    /// For how many tokens a model must take text so that it does not cut this one by its characters.
    func limitTokens(_ text: UnsafeBufferPointer<UInt8>) -> Int {
        guard let charactersPerToken else { return 0 }
        let scalars = (prompt + text).count { $0 & 0xC0 != 0x80 }
        return (scalars + charactersPerToken - 1) / max(1, charactersPerToken)
    }

    private func encoded(
        _ text: UnsafeBufferPointer<UInt8>, _ addsSpecialTokens: Bool, _ scratch: TokenizerScratch
    ) -> Int {
        var ids: [Int32] = []
        return tokenizer.encode(
            utf8: UnsafeRawBufferPointer(text), into: &ids, maxTokens: 0,
            addsSpecialTokens: addsSpecialTokens, scratch: scratch)
    }
}

extension Embedder {
    /// Counts tokens as this model does when it embeds.
    /// - Parameters:
    ///   - role: What chunks are embedded as.
    ///   - prompt: Put before each chunk, literally; it replaces the prompt of the role.
    /// - Throws: `MartletError` if the model has no prompt of that name.
    public func tokenCounter(as role: TextRole? = .document, prompt: String? = nil) throws(MartletError)
        -> ModelTokenCounter
    {
        let (engine, role) = try engine(for: role)
        let pipeline = engine.pipeline
        let before = if let prompt { prompt } else { try pipeline.prompts.text(for: role) }
        return ModelTokenCounter(
            maxTokens: engine.info.maxTokens, tokenizer: engine.tokenizer, prompt: Array(before.utf8),
            addsSpecialTokens: pipeline.tokens == nil,
            charactersPerToken: pipeline.tokens?.charactersPerToken)
    }
}
