#if Command

import ArgumentParser
import MartletData

extension InputFormat: ExpressibleByArgument {
    public init?(argument: String) {
        guard let format = InputFormat.named(argument) else { return nil }
        self = format
    }

    public static var allValueStrings: [String] { all.map(\.name) }
    public var defaultValueDescription: String { name }
}

/// Where the texts come from.
struct InputOptions: ParsableArguments {
    @Argument(help: "Texts. With none and no -f, standard input is read.")
    var texts: [String] = []

    @Option(
        name: [.customShort("f"), .customLong("file")], parsing: .upToNextOption,
        help: ArgumentHelp(
            "Files, folders and patterns such as 'docs/**/*.md'; - is standard input. In \(Self.endings(InputFormat.endingsWithFields)) --field "
                + "names the member or column. Of \(Self.endings(InputFormat.html.endings)) the visible text is read. If a plain text file is the only input, each of its lines is a text; else the file is one text. "
                + "UTF-16 is read, and so are files compressed as \(Self.endings(InputFormat.compressedEndings)).",
            valueName: "file"),
        completion: .file())
    var files: [String] = []

    @Option(
        help: ArgumentHelp(
            "Of folders, read the files that match, in place of those whose endings are known. Can be given several times.",
            valueName: "pattern"))
    var include: [String] = []

    @Option(
        help:
            "How inputs are cut into texts, in place of what the file names say; standard input is lines by default."
    )
    var input: InputFormat?

    private static func endings(_ endings: [String]) -> String {
        let all = endings.map { ".\($0)" }
        return all.dropLast().joined(separator: ", ") + " and " + (all.last ?? "")
    }

    @Option(
        help: ArgumentHelp(
            "Member of JSON (a.b and a.0.b for nested ones) or column that holds the text. Default: text.",
            valueName: "name"))
    var field: String?

    @Option(
        help: ArgumentHelp(
            "Member of JSON or column to keep as the id. Default: id, where there is one.", valueName: "name")
    )
    var id: String?

    /// Warns of a text that is the name of a file, unless `quiet`.
    func plan(_ terminals: Terminals, quiet: Bool = false) throws -> InputPlan {
        let plan = try InputPlan(
            texts: texts, files: files, include: include, format: input, field: field, id: id,
            standardInputIsTerminal: terminals.input)
        if plan.leftOut > 0, !quiet {
            Console.warning(
                "\(Format.count(plan.leftOut, "file")) of other kinds left out; --include '*.ending' reads such files"
            )
        }
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
                + "by line. - is standard input.", valueName: "file"), completion: .file())
    var corpusSample: String?

    @Option(
        help: ArgumentHelp(
            "JSONL member or CSV column that holds a document of the sample. Default: that of --field.",
            valueName: "name"))
    var corpusField: String?

    func validate() throws {
        if corpusField != nil, corpusSample == nil {
            throw CommandError.usage("--corpus-field is for --corpus-sample; name the file")
        }
    }

    /// Where the sample is read from; nil: none was named.
    func plan(field: String?) throws -> InputPlan? {
        guard let path = corpusSample else { return nil }
        let format = InputFormat.forFile(path)
        let hasFields = format?.readsFields == true
        guard hasFields || corpusField == nil else {
            throw CommandError.usage(
                "--corpus-field names a member of JSONL or a column of CSV, and \(path) is read by lines")
        }
        return try InputPlan(
            texts: [], files: [path], format: hasFields ? format : .lines,
            field: hasFields ? corpusField ?? field : nil, id: nil,
            standardInputIsTerminal: false)
    }
}

/// Which of the standard streams a person sits at.
struct Terminals: Sendable {
    var input = false
    var output = false
    var error = false
    /// Standard output is a pipe, whose reader may write to the same terminal.
    var outputIsPipe = false

    static var current: Terminals {
        Terminals(
            input: System.isTerminal(0), output: System.isTerminal(1), error: System.isTerminal(2),
            outputIsPipe: System.isPipe(1))
    }
}

#endif
