/// The vectors of a sequence of texts, in order, in bounded memory: while one chunk is computed the next is
/// read.
///
/// At most three chunks are in memory: one whose vectors are being consumed or computed, one that was read,
/// and one being read.
public struct EmbeddingStream<Model: EmbeddingModel, Texts: AsyncSequence & Sendable>: AsyncSequence, Sendable
where Texts.Element == String {
    /// The vector of one text.
    public typealias Element = Model.Output.Element

    let model: Model
    let texts: Texts
    let role: TextRole?
    let options: EmbedOptions
    let size: Int

    /// The same vectors batch by batch. A batch tells what it took: truncated texts are seen there.
    public var batches: Batches { Batches(stream: self) }

    /// Starts reading the texts.
    public func makeAsyncIterator() -> Iterator { Iterator(batches: batches.makeAsyncIterator()) }

    /// Returns one vector after the other. Not Sendable: it belongs to the task that iterates.
    public struct Iterator: AsyncIteratorProtocol {
        var batches: Batches.Iterator
        private var ready: Model.Output?
        private var place = 0

        init(batches: Batches.Iterator) { self.batches = batches }

        /// What embedding took so far, over all texts that were computed. ``Usage/truncatedInputs`` counts
        /// from the first text of the sequence; it takes 8 bytes for each text that was truncated.
        public var usage: Usage { batches.usage }

        /// The next text's vector, or nil after the last.
        public mutating func next() async throws -> Element? {
            if ready == nil || place == ready?.count {
                (ready, place) = (nil, 0)
                ready = try await batches.next()
            }
            guard let ready, place < ready.count else { return nil }
            defer { place += 1 }
            return ready[place]
        }
    }

    /// The vectors of consecutive texts, a batch at a time.
    public struct Batches: AsyncSequence, Sendable {
        /// One batch; its ``Usage/truncatedInputs`` count from its own first text.
        public typealias Element = Model.Output

        let stream: EmbeddingStream

        /// Starts reading the texts.
        public func makeAsyncIterator() -> Iterator { Iterator(stream: stream) }

        /// Returns one batch after the other. Not Sendable: it belongs to the task that iterates.
        public struct Iterator: AsyncIteratorProtocol {
            let stream: EmbeddingStream
            private let reader = ReadAhead<Texts>()
            private var isOver = false
            private var failure: (any Error)?
            /// Texts of the batches so far.
            private var count = 0
            /// What embedding took so far; ``Usage/truncatedInputs`` counts from the first text of the
            /// sequence.
            public private(set) var usage = Usage()

            init(stream: EmbeddingStream) { self.stream = stream }

            /// The next batch, or nil after the last.
            public mutating func next() async throws -> Model.Output? {
                if let failure {
                    self.failure = nil
                    throw failure
                }
                if isOver { return nil }
                let chunk = await reader.next(of: stream.texts, size: stream.size)
                isOver = chunk.texts.count < stream.size
                do {
                    try Task.checkCancellation()
                    if chunk.texts.isEmpty {
                        if let failure = chunk.failure { throw failure }
                        return nil
                    }
                    let batch = try await stream.model.embed(
                        chunk.texts, as: stream.role, options: stream.options)
                    guard batch.count == chunk.texts.count else {
                        throw MartletError(
                            .invalidOutput,
                            "\(stream.model.identity.space.model) returned \(batch.count) vectors for \(chunk.texts.count) texts"
                        )
                    }
                    usage.add(batch.usage, before: count)
                    count += batch.count
                    failure = chunk.failure
                    return batch
                } catch {
                    isOver = true
                    throw (error as? MartletError)?.counting(from: count) ?? error
                }
            }
        }
    }
}

extension EmbeddingModel {
    /// The vectors of an asynchronous sequence of texts, in order, in bounded memory.
    /// - Parameters:
    ///   - texts: Any asynchronous sequence, endless ones included.
    ///   - role: Query or document, as in ``embed(_:as:options:)``.
    ///   - options: For all texts.
    ///   - chunk: Texts that are embedded together; nil: what the model prefers. A larger chunk packs better,
    ///     and the first vector comes later.
    /// - Returns: A sequence of one vector for each text. It throws what `texts` throws, after the vectors of
    ///   the texts before, and the model's errors with an `inputIndex` that counts from the first text of the
    ///   sequence. After an error it ends.
    public func embed<Texts: AsyncSequence & Sendable>(
        streaming texts: Texts, as role: TextRole? = nil, options: EmbedOptions = .init(), chunk: Int? = nil
    ) -> EmbeddingStream<Self, Texts> where Texts.Element == String {
        let size = Swift.max(1, chunk ?? limits.preferredTexts ?? 256)
        return EmbeddingStream(
            model: self, texts: texts, role: role, options: options,
            size: Swift.min(size, limits.maxTexts ?? size))
    }

    /// The vectors of a sequence of texts, such as an array or the lines of a file, in order, in bounded
    /// memory.
    /// - Returns: As for an asynchronous sequence.
    public func embed<Texts: Sequence & Sendable>(
        streaming texts: Texts, as role: TextRole? = nil, options: EmbedOptions = .init(), chunk: Int? = nil
    ) -> EmbeddingStream<Self, SequenceTexts<Texts>> where Texts.Element == String {
        embed(streaming: SequenceTexts(texts: texts), as: role, options: options, chunk: chunk)
    }
}
