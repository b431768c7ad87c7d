#if Command

/// How the bytes of an input are cut into texts.
enum InputFormat: String, Sendable, CaseIterable {
    case lines, jsonl, csv, tsv, file

    /// What the name of a file promises; a file of no known kind is one text.
    static func forFile(_ path: String) -> InputFormat {
        switch path.split(separator: "/").last?.split(separator: ".").last?.lowercased() {
        case "jsonl", "ndjson": .jsonl
        case "csv": .csv
        case "tsv": .tsv
        default: .file
        }
    }
}

/// All inputs of a run, in order, resolved from the arguments.
struct InputPlan: Sendable, Equatable {
    enum Source: Sendable, Equatable {
        case argument(String, number: Int)
        case file(String, InputFormat)
        case standardInput(InputFormat)
    }

    var sources: [Source]
    var fields: FieldNames

    /// TEXT… are texts; then the files; with neither, stdin. `-` stands for stdin among both.
    init(
        texts: [String], files: [String], format: InputFormat?, field: String?, id: String?, standardInputIsTerminal: Bool
    ) throws(CommandError) {
        fields = FieldNames(text: field ?? FieldNames.defaultText, id: id)
        let namesFields = field != nil || id != nil
        let streamFormat = format ?? (namesFields ? .jsonl : .lines)
        if texts == ["-"] {
            sources = [.standardInput(streamFormat)]
        } else {
            sources = texts.enumerated().map { .argument($1, number: $0 + 1) }
        }
        for path in files {
            guard !path.isEmpty else { throw .usage("-f was given an empty path; name a file, or - for standard input") }
            sources.append(path == "-" ? .standardInput(streamFormat) : .file(path, format ?? .forFile(path)))
        }
        if sources.isEmpty {
            guard !standardInputIsTerminal else {
                throw .usage("no text; give texts as arguments, files with -f, or pipe lines into standard input")
            }
            sources = [.standardInput(streamFormat)]
        }
        let readsFields = sources.contains { source in
            switch source {
            case .file(_, let format), .standardInput(let format): format == .jsonl || format == .csv || format == .tsv
            case .argument: false
            }
        }
        if namesFields, !readsFields {
            throw .usage(
                "--field and --id name members of JSONL or columns of CSV, and no input is either; "
                    + (files.isEmpty ? "arguments are texts, -f names files" : "say which with --input jsonl or --input csv"))
        }
        if sources.count(where: { if case .standardInput = $0 { true } else { false } }) > 1 {
            throw .usage("standard input is named more than once")
        }
    }

    /// Bytes of all files, nil if one of the inputs does not tell.
    var totalBytes: Int? {
        var total = 0
        for source in sources {
            switch source {
            case .argument(let text, _): total += text.utf8.count
            case .standardInput:
                guard let size = System.fileSize(0) else { return nil }
                total += size
            case .file(let path, _):
                guard let size = System.fileSize(path: path) else { return nil }
                total += size
            }
        }
        return total
    }

    /// The first argument that reads like a file's name and is one.
    var fileNamedAsText: String? {
        let texts = sources.lazy.compactMap { if case .argument(let text, _) = $0 { text } else { nil } }
        return texts.first { ($0.contains(".") || $0.contains("/")) && System.fileSize(path: $0) != nil }
    }

    var readsStandardInput: Bool { sources.contains { if case .standardInput = $0 { true } else { false } } }

    var paths: [String] {
        sources.compactMap { if case .file(let path, _) = $0 { path } else { nil } }
    }
}

#endif
