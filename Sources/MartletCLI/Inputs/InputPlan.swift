#if Command

import MartletData

/// All inputs of a run, in order, resolved from the arguments.
struct InputPlan: Sendable, Equatable {
    var inputs: [FileSource.Input]
    var fields: FieldNames
    /// How plain text was cut into texts, where nobody said.
    var plainText = PlainText.none
    /// Files of folders that were left out because their names promise no known format.
    var leftOut = 0

    /// Plain text says nothing of its records. Alone, a file is read as standard input is: each line is a
    /// text. Among several inputs, or in a folder, each file is one text.
    enum PlainText: Sendable, Equatable {
        case none
        case linesOf(String)
        case wholeFiles(Int)
    }

    /// TEXT… are texts; then the files; with neither, stdin. `-` stands for stdin among both.
    init(
        texts: [String], files: [String], include: [String] = [], format: InputFormat?, field: String?,
        id: String?,
        standardInputIsTerminal: Bool
    ) throws {
        fields = FieldNames(text: field, id: id)
        if let format, files.isEmpty, !texts.isEmpty, texts != ["-"] {
            throw CommandError.usage(
                "--input \(format.name) says how files and standard input are read, and arguments are texts; drop it, or name files with -f"
            )
        }
        let namesFields = field != nil || id != nil
        let streamFormat = format ?? (namesFields ? .jsonl : .lines)
        if texts == ["-"] {
            inputs = [.standardInput(streamFormat)]
        } else {
            inputs = texts.enumerated().map { .text($1, name: "argument \($0 + 1)") }
        }
        let (paths, leftOut, isWalk) = try Self.expand(files, include)
        self.leftOut = leftOut
        let isAlone = paths.count == 1 && inputs.isEmpty && !isWalk
        for path in paths {
            guard path != "-" else {
                inputs.append(.standardInput(streamFormat))
                continue
            }
            let named = format ?? InputFormat.forFile(path) ?? .file
            let isPlain = format == nil && named == .file
            if isPlain, Self.isDocument(path) {
                throw CommandError(
                    "\(path): PDF and office files are not read; make a text of it first, such as with pdftotext or pandoc"
                )
            }
            inputs.append(.file(path, isPlain && isAlone ? .lines : named))
            guard isPlain else { continue }
            if isAlone {
                plainText = .linesOf(path)
            } else if case .wholeFiles(let count) = plainText {
                plainText = .wholeFiles(count + 1)
            } else {
                plainText = .wholeFiles(1)
            }
        }
        if inputs.isEmpty {
            guard files.isEmpty else { throw Self.nothingFound(files, include, leftOut: leftOut) }
            guard !standardInputIsTerminal else {
                throw CommandError.usage(
                    "no text; give texts as arguments, files with -f, or pipe lines into standard input")
            }
            inputs = [.standardInput(streamFormat)]
        }
        if namesFields, !inputs.contains(where: { $0.format?.readsFields == true }) {
            throw CommandError.usage(
                "--field and --id name members of JSON or columns of tables, and no input has any; "
                    + (files.isEmpty
                        ? "arguments are texts, -f names files"
                        : "say which with --input jsonl or --input csv"))
        }
        if inputs.count(where: \.isStandardInput) > 1 {
            throw CommandError.usage("standard input is named more than once")
        }
    }

    /// No inputs: the records come from a database.
    init(ofDatabase fields: FieldNames) {
        inputs = []
        self.fields = fields
    }

    /// Folders and patterns as the files in them.
    private static func expand(
        _ files: [String], _ include: [String]
    ) throws -> (paths: [String], leftOut: Int, isWalk: Bool) {
        var (paths, leftOut, isWalk): ([String], Int, Bool) = ([], 0, false)
        for path in files {
            if path.isEmpty {
                throw CommandError.usage("-f was given an empty path; name a file, or - for standard input")
            }
            if FolderWalk.isFolder(path) {
                let walk = try FolderWalk(path, including: include.map { GlobPattern($0) })
                paths += walk.files
                leftOut += include.isEmpty ? walk.leftOut : 0
                isWalk = true
            } else if GlobPattern.isPattern(path), !System.exists(path) {
                let walk = try FolderWalk(matching: path)
                if walk.files.isEmpty { throw CommandError("\(path): no file matches") }
                paths += walk.files
                isWalk = true
            } else {
                paths.append(path)
            }
        }
        if !include.isEmpty, !isWalk {
            throw CommandError.usage("--include chooses files of a folder; name the folder with -f")
        }
        return (paths, leftOut, isWalk)
    }

    /// Whether the name promises text that no reader here finds.
    private static func isDocument(_ path: String) -> Bool {
        let name = InputFormat.nameInside(path).lowercased()
        return [".pdf", ".doc", ".docx", ".odt", ".epub", ".ppt", ".pptx", ".xls", ".xlsx", ".ods"].contains {
            name.hasSuffix($0)
        }
    }

    private static func nothingFound(_ files: [String], _ include: [String], leftOut: Int) -> CommandError {
        let place = files.joined(separator: " ")
        if !include.isEmpty {
            return CommandError("\(place): no file matches --include \(include.joined(separator: " or "))")
        }
        guard leftOut > 0 else { return CommandError("\(place): no files to read") }
        return CommandError(
            "\(place): no file of a known form among \(Format.count(leftOut, "file")); name others with --include '*.ending'"
        )
    }

    /// The records of the inputs.
    func source(badRecords: BadRecordPolicy = .stop, batchSize: BatchSize = BatchSize()) -> FileSource {
        FileSource(inputs, fields: fields, badRecords: badRecords, batchSize: batchSize)
    }

    /// The records of the inputs, whose files are there.
    func checkedSource(badRecords: BadRecordPolicy, batchSize: BatchSize) throws(DataError) -> AnyRecordSource
    {
        let source = source(badRecords: badRecords, batchSize: batchSize)
        try source.checkFiles()
        return AnyRecordSource(source, digest: source.digest, totalBytes: source.totalBytes)
    }

    /// All records at once, for commands whose result needs every text.
    func readAll() throws(DataError) -> [Record] { try source().readAll() }

    /// The first argument that reads like a file's name and is one.
    var fileNamedAsText: String? {
        let texts = inputs.lazy.compactMap { if case .text(let text, _) = $0 { text } else { nil } }
        return texts.first { ($0.contains(".") || $0.contains("/")) && System.fileSize(path: $0) != nil }
    }

    var readsStandardInput: Bool { inputs.contains(where: \.isStandardInput) }

    var paths: [String] {
        inputs.compactMap { if case .file(let path, _) = $0 { path } else { nil } }
    }
}

extension FileSource.Input {
    /// nil for a text.
    var format: InputFormat? {
        switch self {
        case .file(_, let format), .standardInput(let format): format
        case .text: nil
        }
    }

    var isStandardInput: Bool { if case .standardInput = self { true } else { false } }
}

#endif
