#if Command

import MartletData
internal import MartletSystem

/// The files that `martlet index` reads, and what the user says of the records in them.
struct IndexInputs {
    /// A file, and whether it was named itself rather than by its folder.
    struct File {
        let path: String
        let isNamed: Bool
        /// What its name promises; nil: a text.
        let format: InputFormat?

        init(_ path: String, isNamed: Bool) {
            (self.path, self.isNamed, format) = (path, isNamed, InputFormat.forFile(path))
        }

        var isMarkdown: Bool {
            let name = InputFormat.nameInside(path).lowercased()
            return [".md", ".markdown", ".mdx", ".qmd"].contains { name.hasSuffix($0) }
        }
    }

    /// Members of JSONL, or columns of CSV.
    struct Members {
        /// The text's; nil: `text`.
        var text: String?
        /// The id's; nil: `id`, if there is one.
        var id: String?
        /// Members of JSONL whose texts are dates.
        var dates: [String] = []

        var textName: String { text ?? "text" }
        var idName: String { id ?? "id" }
    }

    /// Each once, however often the paths name it.
    let files: [File]
    let members: Members

    /// - Parameter onSkip: Is told of each file that cannot be read for its name.
    /// - Throws: If a path names nothing, a folder cannot be read, or an option is of no use to any of the
    ///   files.
    init(_ paths: [String], members: Members, onSkip: (String) -> Void) throws {
        self.members = members
        // By bytes: names that differ in the form of an accented letter alone are two files.
        var known: Set<ExactText> = []
        let named = Set(paths)
        files = try paths.flatMap { path in
            switch FolderEntry.kind(path) {
            case .folder:
                try FolderEntry.files(under: path, onSkip: onSkip).map {
                    File($0, isNamed: named.contains($0))
                }
            case .file: [File(path, isNamed: true)]
            case .other: throw CommandError("\(path): no such file or folder")
            }
        }.filter { known.insert(ExactText($0.path)).inserted }
        try checkMembers()
    }

    private func checkMembers() throws {
        let given = [
            ("--field", members.text != nil), ("--id", members.id != nil),
            ("--date-field", !members.dates.isEmpty),
        ]
        let formats = Set(files.compactMap(\.format))
        let hasRecords = !formats.isDisjoint(with: [.jsonl, .csv, .tsv])
        if hasRecords, !formats.contains(.jsonl), !members.dates.isEmpty {
            throw CommandError.usage(
                "--date-field is for members of JSONL, and no input is a .jsonl file; a column of CSV holds dates if all of its values are dates"
            )
        }
        guard !hasRecords, let option = given.first(where: \.1) else { return }
        let remedy =
            formats.contains(.json)
            ? "make lines of an array with jq -c '.[]' FILE > FILE.jsonl" : "drop it"
        throw CommandError.usage(
            "\(option.0) is for members of JSONL and columns of CSV, and no input is a .jsonl, .csv or .tsv file; \(remedy)"
        )
    }
}

#endif
