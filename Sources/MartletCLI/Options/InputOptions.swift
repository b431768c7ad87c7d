#if Command

import ArgumentParser

/// Where the texts come from.
struct InputOptions: ParsableArguments {
    @Argument(help: "Texts. With none and no -f, standard input is read.")
    var texts: [String] = []

    @Option(
        name: [.customShort("f"), .customLong("file")], parsing: .upToNextOption,
        help: ArgumentHelp(
            "Files: .jsonl and .ndjson by --field, .csv and .tsv by column, any other is one text. - is standard input.", valueName: "file")
    )
    var files: [String] = []

    @Option(help: "How inputs are cut into texts, in place of what the file names say; standard input is lines by default.")
    var input: InputFormat?

    @Option(
        help: ArgumentHelp(
            "JSONL member (a.b for nested ones) or CSV column that holds the text. Default: text.", valueName: "name"))
    var field: String?

    @Option(help: ArgumentHelp("JSONL member or CSV column to keep as the id. Default: id, where there is one.", valueName: "name"))
    var id: String?

    /// Warns of a text that is the name of a file, unless `quiet`.
    func plan(_ terminals: Terminals, quiet: Bool = false) throws(CommandError) -> InputPlan {
        let plan = try InputPlan(
            texts: texts, files: files, format: input, field: field, id: id, standardInputIsTerminal: terminals.input)
        if !quiet, let path = plan.fileNamedAsText {
            Console.warning("\(path) is taken as a text; to read the file of that name: -f \(path)")
        }
        return plan
    }
}

/// A sample of the corpus, for models that read one.
struct CorpusOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Documents of the corpus, for models that embed a text in its context: .jsonl, .ndjson, .csv and .tsv by field, any other file "
                + "by line. - is standard input.", valueName: "file"))
    var corpusSample: String?

    @Option(
        help: ArgumentHelp("JSONL member or CSV column that holds a document of the sample. Default: that of --field.", valueName: "name"))
    var corpusField: String?

    func validate() throws {
        if corpusField != nil, corpusSample == nil { throw CommandError.usage("--corpus-field is for --corpus-sample; name the file") }
    }

    /// Where the sample is read from; nil: none was named.
    func plan(field: String?) throws(CommandError) -> InputPlan? {
        guard let path = corpusSample else { return nil }
        let format = InputFormat.forFile(path)
        let hasFields = [.jsonl, .csv, .tsv].contains(format)
        guard hasFields || corpusField == nil else {
            throw .usage("--corpus-field names a member of JSONL or a column of CSV, and \(path) is read by lines")
        }
        return try InputPlan(
            texts: [], files: [path], format: hasFields ? format : .lines, field: hasFields ? corpusField ?? field : nil, id: nil,
            standardInputIsTerminal: false)
    }
}

/// Which of the standard streams a person sits at.
struct Terminals: Sendable {
    var input = false
    var output = false
    var error = false

    static var current: Terminals {
        Terminals(input: System.isTerminal(0), output: System.isTerminal(1), error: System.isTerminal(2))
    }
}

#endif
