import Testing

@testable import Martlet

@Suite("A stream of embeddings")
struct EmbeddingStreamTests {
    @Test(arguments: [1, 3, 64, 1000])
    func isInOrder(_ chunk: Int) async throws {
        let embedder = try embedder("bert-mini")
        let texts = (0..<100).map { "zopa \($0) " + String(repeating: "turi ", count: $0 % 13) }
        let source = CountedTexts(limit: 100, text: { texts[$0] })
        var found: [Embedding] = []
        for try await vector in embedder.embed(streaming: source, chunk: chunk) { found.append(vector) }
        #expect(found.bits == Array(try embedder.embedBlocking(texts)).bits)
        #expect(source.pulls.value == 100)
    }

    @Test func takesRolesAndOptions() async throws {
        let embedder = try embedder("bert-dense")
        var found: [Embedding] = []
        let stream = embedder.embed(
            streaming: CountedTexts(limit: 3), as: .query, options: .init(dimensions: 5), chunk: 0)
        for try await vector in stream { found.append(vector) }
        #expect(
            found.bits
                == Array(
                    try embedder.embedBlocking(
                        ["zopa 0", "zopa 1", "zopa 2"], as: .query, options: .init(dimensions: 5))
                ).bits)
        var iterator = embedder.embed(streaming: CountedTexts(limit: 0)).makeAsyncIterator()
        #expect(try await iterator.next() == nil)
        #expect(try await iterator.next() == nil)
    }

    /// Truncated texts count from the first text of the sequence, and the counts of all chunks add up.
    @Test(arguments: [1, 4, 100])
    func usageAddsUp(_ chunk: Int) async throws {
        let texts = (0..<30).map {
            $0 % 7 == 5 ? String(repeating: "zopa ", count: 400) : $0 % 10 == 1 ? " " : "zopa turi"
        }
        let embedder = try embedder("bert-mini")
        var iterator = embedder.embed(streaming: CountedTexts(limit: 30, text: { texts[$0] }), chunk: chunk)
            .makeAsyncIterator()
        #expect(iterator.usage == Usage())
        var taken = 0
        while try await iterator.next() != nil {
            taken += 1
            if chunk == 4, taken == 6 {
                #expect(iterator.usage.truncatedInputs == [5] && iterator.usage.blankInputs == 1)
            }
        }
        let expected = try embedder.embedBlocking(texts).usage
        #expect(expected.truncatedInputs == [5, 12, 19, 26] && expected.blankInputs == 3)
        #expect(iterator.usage == expected)
    }

    /// Errors count from the first text of the sequence, in the index and in the sentence.
    @Test func errorsNameThePlaceInTheSequence() async throws {
        let long = String(repeating: "zopa ", count: 100)
        let source = CountedTexts(limit: 50, text: { $0 == 23 ? long : "zopa" })
        var iterator = try embedder("bert-odd").embed(
            streaming: source, options: .init(truncation: .error), chunk: 5
        ).makeAsyncIterator()
        for _ in 0..<20 { _ = try await iterator.next() }
        do {
            _ = try await iterator.next()
            Issue.record("expected an error")
        } catch let error as MartletError {
            #expect(
                error.code == .inputTooLong && error.inputIndex == 23 && error.message.hasPrefix("text 23 "),
                "\(error)")
        }
        #expect(try await iterator.next() == nil, "a stream ends with its error")
        #expect(source.pulls.value <= 40, "two chunks are read ahead at most")
    }

    /// What was read before the source broke is not lost.
    @Test func passesOnTheErrorOfItsSource() async throws {
        var iterator = try embedder("bert-narrow").embed(
            streaming: CountedTexts(limit: 50, failsAt: 12), chunk: 5
        ).makeAsyncIterator()
        for _ in 0..<12 { #expect(try await iterator.next() != nil) }
        do {
            _ = try await iterator.next()
            Issue.record("expected an error")
        } catch {
            #expect(error is CountedTexts.Broken)
        }
        #expect(try await iterator.next() == nil)
    }

    @Test func stopsWhenItsTaskIsCancelled() async throws {
        let embedder = try embedder("bert-narrow")
        let source = CountedTexts(limit: .max)
        let task = Task {
            var taken = 0
            for try await _ in embedder.embed(streaming: source, chunk: 8) { taken += 1 }
            return taken
        }
        while source.pulls.value < 16 { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    /// A consumer that stops early, with no task that is cancelled, leaves nothing behind that reads.
    @Test func releasesItsSourceWhenItIsLeft() async throws {
        let embedder = try embedder("bert-narrow")
        weak var counter: CountedTexts.Counter?
        do {
            let source = CountedTexts(limit: .max)
            counter = source.pulls
            for try await _ in embedder.embed(streaming: source, chunk: 8) {
                // The next chunk is read, and the reader waits until somebody takes it.
                while source.pulls.value < 16 { await Task.yield() }
                try await Task.sleep(for: .milliseconds(50))
                break
            }
        }
        for _ in 0..<500 where counter != nil { try await Task.sleep(for: .milliseconds(10)) }
        #expect(counter == nil, "the task that reads the source still has it")
    }

    /// A reader whose consumer was cancelled reads no more, also while somebody still holds it.
    @Test func readsNoMoreOnceItIsCancelled() async throws {
        let source = CountedTexts(limit: .max)
        let reader = ReadAhead<CountedTexts>()
        let task = Task { while await !reader.next(of: source, size: 8).texts.isEmpty {} }
        while source.pulls.value < 16 { await Task.yield() }
        task.cancel()
        await task.value
        try await Task.sleep(for: .milliseconds(50))
        let pulls = source.pulls.value
        try await Task.sleep(for: .milliseconds(50))
        withExtendedLifetime(reader) { #expect(source.pulls.value == pulls) }
    }
}
