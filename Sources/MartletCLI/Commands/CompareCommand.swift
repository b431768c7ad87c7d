#if Command

import ArgumentParser
import Martlet
import MartletData
import MartletJSON

enum ReportFormat: String, CaseIterable, ExpressibleByArgument { case text, json }

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Print how similar texts are: one number for two texts, a matrix for more.",
        discussion: """
            The similarity is the one that the model was trained for, usually the cosine: 1 is the same meaning, 0 none in common.

            EXAMPLES
              martlet compare "How do I cook pasta?" "a spaghetti recipe"
              martlet compare -f lines.txt --input lines --json
              martlet compare -f notes.jsonl --field text --id id
            """)

    private static let limit = 2000
    private static let shownCuts = 3

    @OptionGroup(title: "Input") var input: InputOptions
    @Option(help: "Default: text.")
    var format: ReportFormat?

    @Flag(help: "The same as --format json.")
    var json = false

    @OptionGroup(title: "Text") var text: TextOptions
    @OptionGroup(title: "Model") var model: ModelOptions<Pooling>

    func validate() throws {
        if json, format == .text {
            throw CommandError.usage("--json and --format text contradict each other; give one")
        }
    }

    func run() throws {
        let records = try input.plan(.current).readAll()
        guard records.count >= 2 else {
            throw CommandError.usage(
                "compare needs at least two texts, found \(records.count); give them as arguments or lines")
        }
        guard records.count <= Self.limit else {
            throw CommandError.usage(
                "compare makes a matrix of at most \(Self.limit) texts, found \(records.count); use embed and a vector store"
            )
        }
        let embedder = try model.load()
        let embeddings: Embeddings
        do {
            embeddings = try embedder.embedBlocking(
                records.map(\.text), as: text.textRole, options: text.embedOptions)
        } catch {
            if let index = error.inputIndex, records.indices.contains(index) {
                throw CommandError("\(records[index].place): \(error.message(calling: "the text"))")
            }
            throw error
        }
        let function = embedder.model.similarity
        let matrix = try embeddings.similarities(to: embeddings, by: function)
        let cut = embeddings.usage.truncatedInputs
        for index in cut.prefix(Self.shownCuts) {
            Console.warning(
                "\(records[index].place): longer than the model's \(embedder.model.maxTokens) tokens and cut")
        }
        if cut.count > Self.shownCuts {
            Console.warning("\(Format.count(cut.count - Self.shownCuts, "more text")) cut in the same way")
        }
        switch json ? .json : format ?? .text {
        case .json:
            let ids = input.id == nil ? nil : records.map(\.id)
            try StandardOutput.write(Self.json(matrix, function, ids: ids))
        case .text:
            let labels = records.enumerated().map { index, record in
                let name =
                    switch record.id {
                    case .text(let id), .literal(let id): Console.oneLine(id)
                    case .none: String(index + 1)
                    }
                return "\(name)  \(Format.excerpt(record.text, width: 32))"
            }
            try StandardOutput.write(Array(Self.table(matrix, labels: labels).utf8))
        }
    }

    private static func json(_ matrix: SimilarityMatrix, _ function: SimilarityFunction, ids: [RecordID]?)
        -> [UInt8]
    {
        var bytes = Array("{\"function\":".utf8)
        JSONText.append(function.rawValue, to: &bytes)
        if let ids {
            bytes += ",\"ids\":[".utf8
            for (index, id) in ids.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                switch id {
                case .text(let text): JSONText.append(text, to: &bytes)
                case .literal(let spelling): bytes += spelling.utf8
                case .none: bytes += "null".utf8
                }
            }
            bytes.append(UInt8(ascii: "]"))
        }
        if matrix.rows == 2 {
            bytes += ",\"similarity\":".utf8
            JSONText.append(matrix[0, 1], to: &bytes)
        } else {
            bytes += ",\"similarities\":[".utf8
            for row in 0..<matrix.rows {
                if row > 0 { bytes.append(UInt8(ascii: ",")) }
                for column in 0..<matrix.columns {
                    bytes.append(UInt8(ascii: column > 0 ? "," : "["))
                    JSONText.append(matrix[row, column], to: &bytes)
                }
                bytes.append(UInt8(ascii: "]"))
            }
            bytes.append(UInt8(ascii: "]"))
        }
        bytes += "}\n".utf8
        return bytes
    }

    static func table(_ matrix: SimilarityMatrix, labels: [String]) -> String {
        if matrix.rows == 2 { return Format.fixed(Double(matrix[0, 1]), 4) + "\n" }
        let width = labels.map(\.columns).max() ?? 0
        var result = String(repeating: " ", count: width)
        for column in 0..<matrix.columns {
            result += "  " + Format.padded(String(column + 1), to: 7, alignRight: true)
        }
        result += "\n"
        for row in 0..<matrix.rows {
            result += Format.padded(labels[row], to: width)
            for column in 0..<matrix.columns {
                result +=
                    "  "
                    + Format.padded(Format.fixed(Double(matrix[row, column]), 4), to: 7, alignRight: true)
            }
            result += "\n"
        }
        return result
    }
}

#endif
