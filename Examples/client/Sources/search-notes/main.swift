// Notes, cut into chunks, kept in a folder on disk and searched by vectors and words.
import Martlet
import MartletChunking
import MartletIndex
import MartletMiniLM

guard CommandLine.arguments.count == 2 else {
    print("usage: search-notes FOLDER, a folder that does not exist yet")
    throw CancellationError()
}
let embedder = try Embedder(.miniLM)
let notes = Document(
    """
    # Kitchen
    Boil a litre of water for each 100 g of pasta. Salt it well.

    # Travel
    The night train leaves at ten.
    """, name: "notes.md")
let chunks = try MarkdownChunker().chunks(of: notes, measuring: try embedder.tokenCounter())
let vectors = try await embedder.embed(chunks.map(\.text), as: .document)

let identity = CollectionIdentity(embedder.identity)
let collection = try SearchCollection.create(
    at: CommandLine.arguments[1],
    settings: CollectionSettings(identity: identity, dimensions: embedder.model.dimensions))
let records = zip(chunks, vectors).map { chunk, vector in
    Record(
        id: "notes.md#\(chunk.index)", text: chunk.text, vector: vector.values,
        fields: ["line": .integer(chunk.line)])
}
try collection.writer().add(records, identity: identity)

let question = "how do I cook pasta"
let vector = try await embedder.embed(question, as: .query)
for hit in try collection.search(SearchRequest(text: question, vector: vector.values, count: 1)) {
    print(hit.id, hit.text.split(separator: "\n").last.map { String($0) } ?? "")
}
