internal import MartletTokenizers

extension Engine {
    /// A text that is given as ids of this model's tokenizer, which are taken as they are: after the prompt's,
    /// cut to the limit, and with special tokens around them, whether the ids have theirs or not.
    /// - Parameters:
    ///   - ids: Each below the tokenizer's `vocabularySize`.
    ///   - limit: The most tokens; nil: what the model takes.
    package func tokenized(
        ids: [Int32], role: TextRole?, _ options: EmbedOptions, limit: Int? = nil
    ) throws(MartletError) -> TokenizedText {
        let limit = limit ?? maxTokens
        let prompt = try prompt(role, options)
        let (before, after) = pipeline.tokens == nil ? tokenizer.specialTokens : ([], [])
        let promptIDs = prompt.isEmpty ? [] : tokenizer.encode(prompt, addsSpecialTokens: false).ids
        let own = promptIDs + tokenizer.ownIDs(in: ids)
        let total = before.count + own.count + after.count
        let room = max(0, limit - before.count - after.count)
        if total > limit, options.truncation == .error { throw tooLong(at: 0, total: total, limit: limit) }
        var kept = options.truncation.side(tokenizer) == .start ? own.suffix(room) : own.prefix(room)
        if let unknown = pipeline.tokens?.unknown { kept.removeAll { $0 == unknown } }
        guard pipeline.tokens != nil || before.count + kept.count + after.count > 0 else {
            throw MartletError(
                .invalidInput, text: 0, "has no tokens, and this model adds none: it has no vector")
        }
        let isLeftOut = !promptIDs.isEmpty && !pipeline.includePrompt
        return TokenizedText(
            ids: before + kept + after, promptTokens: isLeftOut ? before.count + promptIDs.count : 0,
            total: total > limit ? total : nil)
    }
}
