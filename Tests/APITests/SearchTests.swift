import Martlet
import MartletChunking
import MartletIndex
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A chunker of a user's own: a chunk for each line.
private struct LineChunker: Chunker {
    func chunks(of document: Document, measuring counter: some TokenCounter) async throws -> [Chunk] {
        var (chunks, start): ([Chunk], Int) = ([], 0)
        for (index, line) in document.text.split(separator: "\n").enumerated() {
            let text = String(line)
            let end = min(start + text.utf8.count + 1, document.text.utf8.count)
            chunks.append(
                Chunk(
                    index: index, range: start..<end, text: text, tokens: counter.count(text),
                    line: index + 1))
            start = end
        }
        return chunks
    }
}

private struct LetterTokens: TokenCounter {
    let maxTokens = 100
    func count(_ text: String) -> Int { text.count }
}

/// What a program with a model and a chunker of its own does to search its texts.
@Suite struct SearchTests {
    private static func path() -> String {
        "/tmp/martlet-api-\(getpid())-\(UInt64.random(in: 0 ... .max)).martlet"
    }

    @Test func chunksOfOnesOwnAreSearchedByVectorsOfOnesOwn() async throws {
        let document = Document("a cab\nabba ab\nccc", name: "letters.txt")
        let chunks = try await LineChunker().chunks(of: document, measuring: LetterTokens())
        #expect(chunks.map(\.tokens) == [5, 7, 3] && chunks.map(\.line) == [1, 2, 3])
        let model = LetterCounts()
        let path = Self.path()
        defer { remove(path) }
        let identity = CollectionIdentity(model.identity)
        let collection = try SearchCollection.create(
            at: path, settings: CollectionSettings(identity: identity, dimensions: 3))
        var records: [Record] = []
        for chunk in chunks {
            let vector = try await model.embed(chunk.text)
            records.append(
                Record(
                    id: "letters.txt#\(chunk.index)", text: chunk.text, vector: vector.values,
                    fields: ["line": .integer(chunk.line)]))
        }
        try collection.writer().add(records, identity: identity)
        let question = try await model.embed("cc")
        var request = SearchRequest(vector: question.values, count: 1)
        request.identity = identity
        let hits = try collection.search(request)
        #expect(hits.map(\.id) == ["letters.txt#2"] && hits[0].fields["line"] == .integer(3))
        request.filter = try Filter("line < 3")
        #expect(try collection.search(request).map(\.id) == ["letters.txt#0"])
        // Vectors of another model are refused, in questions and in records.
        let other = CollectionIdentity(
            ModelIdentity(
                space: VectorSpace(model: "other", weights: "other:1", dimensions: 3),
                computation: Computation(precision: "f32", device: "cpu")))
        request.identity = other
        #expect(throws: IndexError.self) { try collection.search(request) }
        #expect(throws: IndexError.self) { try collection.writer().add(records, identity: other) }
    }

    private func remove(_ folder: String) {
        guard let entries = opendir(folder) else { return }
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            unlink(folder + "/" + name)
        }
        closedir(entries)
        rmdir(folder)
    }
}
