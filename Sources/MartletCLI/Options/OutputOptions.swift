#if Command

import ArgumentParser
import Martlet
import MartletData

extension OutputFormat: ExpressibleByArgument {
    public init?(argument: String) {
        guard let format = OutputFormat.ofCommand.first(where: { $0.name == argument }) else { return nil }
        self = format
    }

    public static var allValueStrings: [String] { ofCommand.map(\.name) }
    public var defaultValueDescription: String { name }
}

/// Where the rows go, and in which form.
struct OutputOptions: ParsableArguments {
    @Option(help: "Default: what the ending of -o says, else text on a terminal, else jsonl.")
    var format: OutputFormat?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "Write to a file instead of standard output. Its ending says the format.", valueName: "file"),
        completion: .file())
    var output: String?

    @Flag(
        help: """
            Write FILE.meta.json beside the output: the model's identity, ids, and which rows were skipped or truncated. npy and f32 always \
            have it.
            """)
    var meta = false

    @Option(help: "Numbers in the output. int8 and uint8 need --ranges.")
    var outputPrecision: OutputPrecision = .float32

    @Option(
        help: ArgumentHelp(
            "float32 .npy that gives the range of each dimension for int8 and uint8: embeddings of typical texts, or two rows, the least and the greatest.",
            valueName: "file.npy"), completion: .file())
    var ranges: String?
}

/// The output of a run, resolved.
struct OutputPlan: Sendable, Equatable {
    var path: String?
    var format: OutputFormat
    var precision: OutputPrecision
    var rangesPath: String?
    var writesCompanion = false

    /// - Parameter ragged: Why rows have no fixed width: the option, and what it gives.
    init(_ options: OutputOptions, inputs: [String], terminals: Terminals, ragged: String? = nil)
        throws(CommandError)
    {
        path = options.output == "-" ? nil : options.output
        precision = options.outputPrecision
        rangesPath = options.ranges
        writesCompanion = options.meta
        if writesCompanion, path.map({ System.isStream($0) }) ?? true {
            throw .usage("--meta writes FILE.meta.json beside the output; name the output with -o")
        }
        if let path, path.isEmpty { throw .usage("-o was given an empty path; name a file") }
        if let chosen = options.format {
            format = chosen
        } else {
            format = try Self.format(of: path, terminals)
        }
        if let ragged { try checkRagged(ragged) }
        if format == .f32, precision != .float32 {
            throw .usage("--format f32 writes float32; for \(precision.rawValue) use --format npy")
        }
        if format.isBinary, path == nil, terminals.output {
            throw .usage(
                "\(format.name) is binary and standard output is a terminal; name a file with -o, or pipe it")
        }
        let needsRanges = precision == .int8 || precision == .uint8
        if needsRanges, rangesPath == nil {
            throw .usage(
                "--output-precision \(precision.rawValue) needs the range of each dimension, so that a vector does not depend on its neighbours; "
                    + "embed some thousand typical texts with --format npy and name the file with --ranges")
        }
        if !needsRanges, rangesPath != nil {
            throw .usage("--ranges is for --output-precision int8 and uint8")
        }
        guard let path else { return }
        if let same = inputs.first(where: { System.isSameFile($0, path) }) {
            throw .usage("\(same): is both input and output; write to another file")
        }
        try checkApart("\(path).meta.json", as: "what -o writes beside the output", from: inputs)
        try checkApart("\(path).job", as: "the log of the job", from: inputs)
    }

    /// - Throws: If a file that is written beside the output is an input or the output.
    func checkApart(_ written: String, as what: String, from inputs: [String]) throws(CommandError) {
        guard let same = (inputs + [path].compactMap(\.self)).first(where: { System.isSameFile($0, written) })
        else { return }
        throw .usage("\(same): \(what) would replace it; name another file")
    }

    /// - Throws: If the report is one of these, or could not be written when all is done.
    func checkReport(_ path: String, inputs: [String]) throws(CommandError) {
        try checkApart(path, as: "--report", from: inputs)
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        guard FolderEntry.kind(folder.isEmpty ? "/" : folder) == .folder else {
            throw .usage("--report \(path): there is no folder \(folder)")
        }
    }

    /// The format that the name of the output asks for. A device or a pipe has none.
    private static func format(of path: String?, _ terminals: Terminals) throws(CommandError) -> OutputFormat
    {
        guard let path else { return terminals.output ? .text : .jsonl }
        if let named = OutputFormat.forFile(path, among: OutputFormat.ofCommand) { return named }
        guard !System.isStream(path) else { return .jsonl }
        let endings = OutputFormat.ofCommand.flatMap(\.endings).map { ".\($0)" }.joined(separator: ", ")
        throw .usage(
            "\(path): the ending says no format; end it in one of \(endings), or name the format with --format"
        )
    }

    /// Bare numbers on a stream have no companion that could hold ids and what was left out.
    func checkIdentification(namesID: Bool, skips: Bool) throws(CommandError) {
        guard format.identification == .companion, lacksCompanion, namesID || skips else { return }
        let option = namesID ? "--id" : "--on-error skip"
        throw .usage(
            "--format \(format.name) is bare numbers, and \(option) needs a place for \(namesID ? "the ids" : "the positions of skipped records"): "
                + "name a file with -o, beside which they go into FILE.meta.json, or use --format jsonl")
    }

    /// Whether bare numbers would have no file beside them.
    var lacksCompanion: Bool { path.map { System.isStream($0) } ?? true }

    /// Whether what is written may show on the terminal where the progress is drawn.
    func sharesTerminal(_ terminals: Terminals) -> Bool {
        guard let path else { return terminals.output || terminals.outputIsPipe }
        return System.isStream(path)
    }

    /// Texts have different numbers of tokens: what they give is no table with a row to a text.
    /// - Parameter what: The option, and what it gives.
    private func checkRagged(_ what: String) throws(CommandError) {
        guard format.kinds.contains(.multiVector) else {
            throw .usage(
                "--format \(format.name) has one vector a text, and \(what); use --format jsonl or json")
        }
        guard precision == .float32 else {
            throw .usage(
                "--output-precision \(precision.rawValue) is for vectors of texts, and \(what); use --output-precision float32"
            )
        }
    }

    func openSink() throws(DataError) -> any RecordSink {
        guard let path else { return format.open(.standardOutput()) }
        return try format.sink(writingTo: path, companion: writesCompanion)
    }

    func quantizer() throws -> RowQuantizer {
        RowQuantizer(precision: precision, ranges: try rangesPath.map { try RangesFile.read($0) })
    }
}

#endif
