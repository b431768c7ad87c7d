// Texts, their vectors, and which of them is nearest to a question.
import Martlet
import MartletMiniLM

let texts = ["a spaghetti recipe", "the stock market fell", "boil water and add salt"]
let embedder = try Embedder(.miniLM, configuration: ModelConfiguration(precision: .f32))
let vectors = try await embedder.embed(texts)
let question = try await embedder.embed("How do I cook pasta?", as: .query)
for match in try vectors.nearest(to: question, limit: 2) {
    print(texts[match.index], (match.score * 100).rounded() / 100)
}
