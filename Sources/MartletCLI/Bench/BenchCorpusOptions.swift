#if Command

import ArgumentParser
import Martlet
import MartletData

/// The texts that `bench` measures in place of made ones.
struct BenchCorpusOptions: ParsableArguments {
    @Option(
        name: [.customShort("f"), .customLong("file")], parsing: .upToNextOption,
        help: ArgumentHelp("Measure the texts of these files, read as embed reads them.", valueName: "file"),
        completion: .file())
    var files: [String] = []

    @Option(help: "How the files are cut into texts, in place of what their names say.")
    var input: InputFormat?

    @Option(
        help: ArgumentHelp(
            "JSONL member or CSV column that holds the text. Default: text.", valueName: "name"))
    var field: String?

    @Option(help: ArgumentHelp("Measure the first n texts only.", valueName: "n"))
    var limit: Int?

    @Option(
        help: ArgumentHelp("Write the vectors that were measured.", valueName: "file.npy"),
        completion: .file())
    var vectors: String?

    @Flag(help: "Measure the tokenizer alone, on one thread.")
    var tokenizeOnly = false

    var isGiven: Bool { !files.isEmpty }

    func validate() throws {
        if let limit, limit < 1 { throw CommandError.usage("--limit \(limit): expected at least 1") }
        if vectors?.isEmpty == true {
            throw CommandError.usage("--vectors was given an empty path; name a file")
        }
        if tokenizeOnly, vectors != nil {
            throw CommandError.usage("--tokenize-only makes no vectors; drop --vectors")
        }
        let options = [
            ("--input", input != nil), ("--field", field != nil), ("--limit", limit != nil),
            ("--vectors", vectors != nil),
            ("--tokenize-only", tokenizeOnly),
        ]
        if !isGiven, let (name, _) = options.first(where: \.1) {
            throw CommandError.usage("\(name) is about the texts of files; name them with -f")
        }
        if let vectors, let same = files.first(where: { System.isSameFile($0, vectors) }) {
            throw CommandError.usage("\(same): is both input and --vectors; write to another file")
        }
    }

    /// The texts of the files, nil where none are given.
    func read() throws -> [String]? {
        guard isGiven else { return nil }
        let texts = try Self.read(files, format: input, field: field, option: "-f")
        return limit.map { Array(texts.prefix($0)) } ?? texts
    }

    static func read(_ files: [String], format: InputFormat?, field: String?, option: String) throws
        -> [String]
    {
        let plan = try InputPlan(
            texts: [], files: files, format: format, field: field, id: nil, standardInputIsTerminal: false)
        let texts = try plan.readAll().map(\.text)
        guard !texts.isEmpty else {
            throw CommandError("\(files.joined(separator: " ")): no text; \(option) needs at least one")
        }
        return texts
    }

    static func write(_ embeddings: Embeddings, to path: String) throws {
        let schema = VectorSchema(width: embeddings.dimensions)
        let rows = DenseRows(
            count: embeddings.count, width: schema.width, elements: .float32(embeddings.floats))
        let output = try Output.file(path)
        output.buffer = NPYSink.header(schema, rows: rows.count)
        for row in 0..<rows.count {
            rows.appendBytes(row: row, to: &output.buffer)
            try output.endRow()
        }
        try output.flush()
    }
}

#endif
