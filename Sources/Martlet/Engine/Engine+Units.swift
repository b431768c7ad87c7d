package import MartletCompute
internal import MartletModels
internal import MartletTokenizers

extension Engine {
    /// Working memory for one thread that calls `forward(_:on:each:)`; the thread owns it.
    package func makeWorker() -> Worker { Worker(encoder, for: largest, prefixes: prefixes) }

    /// The most tokens of texts that one forward pass should take together; a longer text goes alone.
    package var tokenBudget: Int { planner.tokenBudget }

    /// The tokens of one text with its prompt, cut to the model's limit as the options say. Runs on the
    /// calling thread.
    /// - Parameter limit: The most tokens; nil: what the model takes.
    package func tokenized(
        _ text: String, role: TextRole?, _ options: EmbedOptions, limit: Int? = nil
    ) throws(MartletError) -> TokenizedText {
        let tokens = try tokenize([text], role: role, options, limit: limit, onPool: false)
        return TokenizedText(
            ids: Array(tokens.ids(of: 0)), promptTokens: tokens.promptTokens,
            total: tokens.chunks[0].truncated.first?.total)
    }

    /// What turns the hidden states of a text into its vector.
    package func postProcessing(_ options: EmbedOptions) throws(MartletError) -> PostProcessing {
        try PostProcessing(pipeline, hiddenSize: encoder.shape.hiddenSize, options: options)
    }

    /// The most threads that one text is shared by.
    package var largestTeam: Int { Engine.largestTeam(of: pool) }

    /// One forward pass over `texts` on the calling thread, which leads `team` where there is one.
    /// - Parameters:
    ///   - texts: At least one; each has from 1 to `maxTokens` tokens, with ids below the encoder's
    ///     vocabulary.
    ///   - team: Threads that share the work on a single text.
    ///   - each: Called with the place of each text in `texts` and its hidden states, [tokens × hiddenSize],
    ///     which it must not keep. Of a text that is read by its last token alone the first may be missing.
    package func forward(
        _ texts: some Collection<TokenizedText>, on worker: Worker, team: Team? = nil,
        each: (_ place: Int, _ hidden: UnsafeBufferPointer<Float>) -> Void
    ) {
        worker.forward(texts, team: team, each: each)
    }

    /// Forward passes over all `texts` on all threads, in units that fill the token budget.
    /// - Parameter each: Called on any thread with the index of each text and its hidden states, as by
    ///   `forward(_:on:team:each:)`; calls for different texts run at the same time.
    package func forward(
        _ texts: [TokenizedText], each: @Sendable (_ index: Int, _ hidden: UnsafeBufferPointer<Float>) -> Void
    ) {
        shareOut(texts.map(\.ids.count)) { indices, worker, team in
            worker.forward(indices.lazy.map { texts[$0] }, team: team) { place, hidden in
                each(indices[indices.startIndex + place], hidden)
            }
        }
    }

    /// One forward pass over `texts` on the calling thread, for a head that reads the whole unit at once.
    func forward<R>(
        _ texts: some Collection<TokenizedText>, _ reduction: Reduction, on worker: Worker,
        unit: (EncodedUnit) -> R
    ) -> R {
        unit(worker.forward(texts, reduction, team: nil))
    }

    /// Forward passes over all `texts` on all threads, for a head that reads whole units.
    /// - Parameter each: Called on any thread with the indices of a unit's texts, in the order of the unit.
    func forwardUnits(
        _ texts: [TokenizedText], _ reduction: Reduction,
        each: @Sendable (_ indices: ArraySlice<Int>, _ unit: EncodedUnit) -> Void
    ) {
        shareOut(texts.map(\.ids.count)) { indices, worker, team in
            each(indices, worker.forward(indices.lazy.map { texts[$0] }, reduction, team: team))
        }
    }
}
