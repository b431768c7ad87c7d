import MartletTokenizers
import Testing

@testable import MartletChunking

@Suite struct PackingTests {
    private struct Bytes: TokenCounter {
        let maxTokens = 64
        func count(_ text: String) -> Int { text.utf8.count }
    }

    /// Characters as long as a text, and rows of flags: the time does not grow with the square.
    @Test(.timeLimit(.minutes(1)), arguments: ["\u{301}", "क्", "👨\u{200D}", "🇩🇪"])
    func charactersWithoutEnd(part: String) throws {
        let text = String(repeating: part, count: 10_000)
        let chunks = try TokenChunker().chunks(of: Document(text), measuring: Bytes())
        Promises.check(chunks, of: text, Bytes(), budget: 64)
        if part == "🇩🇪" { #expect(chunks.allSatisfy { $0.text.utf8.count % 8 == 0 }) }
    }

    /// Whatever the tokenizer, the text and the size: nothing over the budget, nothing lost, counts that are
    /// right, words whole.
    @Test(arguments: Tokenizers.names)
    func randomTexts(tokenizer: String) throws {
        var random = RandomText(seed: 1)
        for round in 0..<12 {
            let prompt = ["", "query: ", "a"][round % 3]
            let counter = try Tokenizers.counter(tokenizer, prompt: prompt)
            let least = counter.count("") + 24
            let text = random.next(random.below(400))
            let budget = least + random.below(60)
            let overlap = round % 2 == 0 ? 0 : random.below(8)
            let size = ChunkSize(maxTokens: budget, overlap: overlap)
            let document = Document(text)
            do {
                let tokens = try TokenChunker(size: size).chunks(of: document, measuring: counter)
                Promises.check(tokens, of: text, counter, budget: budget)
                Promises.checkWords(tokens, of: text, counter, budget: budget)
                let sentences = try SentenceChunker(size: size).chunks(of: document, measuring: counter)
                Promises.check(sentences, of: text, counter, budget: budget)
                Promises.checkWords(sentences, of: text, counter, budget: budget)
            } catch {
                #expect(error.code == .indivisible, "\(error)")
            }
        }
    }

    @Test func overlapRepeatsAtMostSoManyTokens() throws {
        let counter = try Tokenizers.counter("bert")
        let text = (0..<300).map { "the cat sat on mat \($0)." }.joined(separator: " ")
        for overlap in [0, 1, 5, 12] {
            let chunks = try TokenChunker(size: .init(maxTokens: 40, overlap: overlap)).chunks(
                of: Document(text), measuring: counter)
            Promises.check(chunks, of: text, counter, budget: 40)
            #expect(chunks.count > 10)
            let source = SourceText(text)
            for chunk in chunks.dropFirst() {
                let repeated = source.text(
                    in: chunk.range.lowerBound..<chunk.range.lowerBound + chunk.overlap)
                #expect(counter.count(repeated) - 2 <= overlap)
                #expect(overlap < 5 || chunk.overlap > 0)
            }
        }
    }

    @Test func fillsChunks() throws {
        let counter = try Tokenizers.counter("bert")
        let text = (0..<2000).map { "word\($0 % 7)" }.joined(separator: " ")
        let chunks = try TokenChunker(size: .init(maxTokens: 64)).chunks(
            of: Document(text), measuring: counter)
        Promises.check(chunks, of: text, counter, budget: 64)
        let largestWord = (0..<7).map { counter.count("word\($0)") - 2 }.max() ?? 0
        #expect(chunks.dropLast().allSatisfy { $0.tokens > 64 - largestWord })
    }

    @Test func sentencesStayWhole() throws {
        let counter = try Tokenizers.counter("bert")
        let sentences = (0..<120).map { "The cat number \($0) sat down. " }
        let text = sentences.joined()
        let chunks = try SentenceChunker(size: .init(maxTokens: 64)).chunks(
            of: Document(text), measuring: counter)
        Promises.check(chunks, of: text, counter, budget: 64)
        for chunk in chunks {
            #expect(chunk.text.hasPrefix("The cat number") && chunk.text.hasSuffix("sat down. "))
        }
    }

    @Test func cutsBetweenParagraphsBeforeSentences() throws {
        let counter = try Tokenizers.counter("bert")
        let paragraph = String(repeating: "The cat sat. ", count: 6)
        let text = [paragraph, paragraph, paragraph].joined(separator: "\n\n")
        let size = counter.count(paragraph) + counter.count(paragraph) / 2
        let chunks = try SentenceChunker(size: .init(maxTokens: size)).chunks(
            of: Document(text), measuring: counter)
        #expect(chunks.map(\.text) == [paragraph + "\n\n", paragraph + "\n\n", paragraph])
        #expect(chunks.map(\.line) == [1, 3, 5])
    }

    @Test func aWordOverTheBudgetIsCutBetweenCharacters() throws {
        let counter = try Tokenizers.counter("Kinds/gpt2")
        let text = "a " + String(repeating: "👩‍👩‍👧‍👦", count: 40) + " b"
        let chunks = try TokenChunker(size: .init(maxTokens: counter.count("👩‍👩‍👧‍👦👩‍👩‍👧‍👦") + 1)).chunks(
            of: Document(text), measuring: counter)
        Promises.check(chunks, of: text, counter, budget: counter.count("👩‍👩‍👧‍👦👩‍👩‍👧‍👦") + 1)
        let source = SourceText(text)
        #expect(chunks.count > 10 && chunks.allSatisfy { source.isGraphemeBoundary($0.range.lowerBound) })
    }

    @Test func aCharacterOverTheBudgetIsAnError() throws {
        let counter = try Tokenizers.counter("Kinds/gpt2")
        let size = ChunkSize(maxTokens: counter.count("") + 1)
        let error = #expect(throws: ChunkingError.self) {
            try TokenChunker(size: size).chunks(of: Document("ab \u{10FFFF}"), measuring: counter)
        }
        #expect(error?.code == .indivisible)
        #expect(error?.offset == 3)
    }

    @Test(
        arguments: [
            (513, 0, "the model takes 512"), (2, 0, "which leaves none for text"),
            (0, 0, "which leaves none"), (40, 20, "the overlap is from 0"),
            (40, -1, "the overlap is from 0"),
        ])
    func sizesThatDoNotFit(maxTokens: Int, overlap: Int, message: String) throws {
        let counter = try Tokenizers.counter("bert")
        let size = ChunkSize(maxTokens: maxTokens, overlap: overlap)
        let error = #expect(throws: ChunkingError.self) {
            try TokenChunker(size: size).chunks(of: Document("a"), measuring: counter)
        }
        #expect(error?.code == .invalidSize)
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }

    @Test func emptyAndBlankDocuments() throws {
        let counter = try Tokenizers.counter("bert")
        #expect(try TokenChunker().chunks(of: Document(""), measuring: counter).isEmpty)
        #expect(WholeChunker().chunks(of: Document(""), measuring: counter).isEmpty)
        let blank = try SentenceChunker().chunks(of: Document(" \n\n "), measuring: counter)
        #expect(blank.map(\.range) == [0..<4])
        let whole = WholeChunker().chunks(of: Document("\n\nthe cat"), measuring: counter)
        #expect(whole.map(\.line) == [3] && whole.map(\.range) == [0..<9])
    }

    /// A counter of one's own, without a tokenizer's marks.
    private struct CharacterCounter: TokenCounter {
        var maxTokens: Int { 100 }
        func count(_ text: String) -> Int { text.unicodeScalars.count }
    }

    @Test func countersOfOnesOwn() throws {
        var random = RandomText(seed: 3)
        for _ in 0..<60 {
            let text = random.next(random.below(300))
            let chunks = try SentenceChunker(size: .init(maxTokens: 60, overlap: 10)).chunks(
                of: Document(text), measuring: CharacterCounter())
            Promises.check(chunks, of: text, CharacterCounter(), budget: 60)
        }
    }

    @Test func marksAgreeWithEncoding() throws {
        var random = RandomText(seed: 5)
        for name in Tokenizers.names {
            let counter = try Tokenizers.counter(name, prompt: "query: ")
            for _ in 0..<6 {
                let text = random.next(600)
                let source = SourceText(text)
                let measure = counter.measure(text)
                let places = source.bytes.indices.filter(source.isScalarBoundary) + [source.count]
                for _ in 0..<20 {
                    let (a, b) = (places[random.below(places.count)], places[random.below(places.count)])
                    let range = min(a, b)..<max(a, b)
                    #expect(
                        measure.tokens(in: range) == counter.count(source.text(in: range)),
                        "\(name) \(range) \(text.debugDescription)")
                }
                let estimates = places.map(measure.estimatedTokens)
                #expect(zip(estimates, estimates.dropFirst()).allSatisfy { $0 <= $1 })
            }
        }
    }
}
