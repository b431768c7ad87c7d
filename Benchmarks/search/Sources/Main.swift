import Martlet
import MartletIndex

/// Measures collections in this process; Benchmarks/search/run calls it. Each step prints rows of a table in
/// Markdown: what, the target, what was measured.
@main
enum Main {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch (arguments.first, arguments.count) {
        case ("build", 3): try BuildBenchmark(Corpus(arguments[1], arguments[2])).run()
        case ("compact", 3): try BuildBenchmark.compact(Corpus.path(arguments[1], arguments[2]))
        case ("search", 3): try SearchBenchmark(Corpus(arguments[1], arguments[2])).run()
        case ("lists", 3): try ListsBenchmark(Corpus(arguments[1], arguments[2])).run()
        case ("halve", 3): try HalfBenchmark(Corpus(arguments[1], arguments[2])).run()
        case ("quality", 2): try QualityBenchmark(folder: arguments[1]).run()
        case ("rerank", 3): try RerankBenchmark(model: arguments[1], folder: arguments[2]).run()
        case ("race", 3): try RaceBenchmark(Corpus(arguments[1], arguments[2])).run()
        case ("vectors", 3): try Corpus(arguments[1], arguments[2]).writeVectors()
        case ("jsonl", 3): try Corpus(arguments[1], arguments[2]).writeLines()
        default:
            print(
                "usage: MartletSearchBench build|compact|search|lists|halve|race|vectors|jsonl FOLDER N | quality FOLDER | rerank MODEL FOLDER"
            )
        }
    }
}

/// A row of the table.
func row(_ name: String, _ target: String, _ measured: String) {
    print("| \(name) | \(target) | \(measured) |")
}
