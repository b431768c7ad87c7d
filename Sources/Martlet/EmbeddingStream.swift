extension Embedder {
    /// The vectors of a sequence of texts, in order, in bounded memory.
    ///
    /// Texts are read ahead in chunks as the vectors are consumed; nothing is read while nobody asks. A cancelled task stops
    /// between chunks.
    /// - Parameters:
    ///   - texts: Any asynchronous sequence, endless ones included.
    ///   - role: Query or document, as in ``embed(_:as:_:)-([String],_,_)``.
    ///   - options: Pooling, dimensions, normalisation, truncation, for all texts.
    ///   - chunk: Texts that are embedded together, at least 1. A larger chunk packs better, and the first vector comes later.
    /// - Returns: A sequence of one vector a text. Its iterator throws what `texts` throws, after the vectors of the texts before, and
    ///   ``MartletError`` whose `inputIndex` counts from the first text of the sequence. After an error it ends.
    public func embed<Texts: AsyncSequence & Sendable>(
        streaming texts: Texts, as role: TextRole? = nil, _ options: EmbedOptions = .init(), chunk: Int = 1024
    ) -> EmbeddingStream<Texts> where Texts.Element == String {
        EmbeddingStream(embedder: self, texts: texts, role: role, options: options, chunk: max(1, chunk))
    }
}

/// The vectors of a sequence of texts, computed chunk by chunk as they are asked for.
public struct EmbeddingStream<Texts: AsyncSequence & Sendable>: AsyncSequence, Sendable where Texts.Element == String {
    /// The vector of one text.
    public typealias Element = Embedding

    let embedder: Embedder
    let texts: Texts
    let role: TextRole?
    let options: EmbedOptions
    let chunk: Int

    /// Starts reading the texts; read ``Iterator/usage`` of the iterator to see what was truncated.
    public func makeAsyncIterator() -> Iterator { Iterator(stream: self, texts: texts.makeAsyncIterator()) }

    /// Gives one vector after the other. Not Sendable: it belongs to the task that iterates.
    public struct Iterator: AsyncIteratorProtocol {
        let stream: EmbeddingStream
        var texts: Texts.AsyncIterator
        private var ready: Embeddings?
        private var next = 0
        /// Texts that were read before the current chunk.
        private var consumed = 0
        private var ended = false
        /// What embedding took so far, over all texts that were read, which may be a chunk more than were asked for.
        ///
        /// ``Usage/truncatedInputs`` counts from the first text of the sequence. It takes 8 bytes for each text that was truncated.
        public private(set) var usage = Usage()
        /// What `texts` threw while there were texts before to be embedded.
        private var failure: (any Error)?

        init(stream: EmbeddingStream, texts: Texts.AsyncIterator) {
            self.stream = stream
            self.texts = texts
        }

        /// The next text's vector, or nil after the last.
        public mutating func next() async throws -> Embedding? {
            if ready == nil || next == ready?.count {
                ready = try await read()
                next = 0
            }
            guard let ready, next < ready.count else { return nil }
            defer { next += 1 }
            return ready[next]
        }

        private mutating func read() async throws -> Embeddings? {
            consumed += ready?.count ?? 0
            ready = nil
            let batch = await readTexts()
            if Task.isCancelled { ended = true }
            try Task.checkCancellation()
            if batch.isEmpty {
                guard let failure else { return nil }
                self.failure = nil
                throw failure
            }
            do {
                let embeddings = try await stream.embedder.embed(batch, as: stream.role, stream.options, before: consumed)
                usage.add(embeddings.usage, before: consumed)
                return embeddings
            } catch {
                ended = true
                failure = nil
                throw error
            }
        }

        private mutating func readTexts() async -> [String] {
            var batch: [String] = []
            while batch.count < stream.chunk, !ended, !Task.isCancelled {
                do {
                    if let text = try await texts.next() { batch.append(text) } else { ended = true }
                } catch {
                    (failure, ended) = (error, true)
                }
            }
            return batch
        }
    }
}
