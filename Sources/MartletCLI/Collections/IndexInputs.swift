#if Command

import MartletData

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

    let files: [File]
    let members: Members

    /// - Throws: If a path names nothing, or an option is of no use to any of the files.
    init(_ paths: [String], members: Members) throws {
        self.members = members
        files = try paths.flatMap { path in
            switch FolderEntry.kind(path) {
            case .folder: FolderEntry.files(under: path).map { File($0, isNamed: false) }
            case .file: [File(path, isNamed: true)]
            case .other: throw CommandError("\(path): no such file or folder")
            }
        }
        try checkMembers()
    }

    private func checkMembers() throws {
        let given = [
            ("--field", members.text != nil), ("--id", members.id != nil),
            ("--date-field", !members.dates.isEmpty),
        ]
        let hasRecords = files.contains { file in
            file.format.map { [.jsonl, .csv, .tsv].contains($0) } ?? false
        }
        guard !hasRecords, let option = given.first(where: \.1) else { return }
        throw CommandError.usage(
            "\(option.0) is for members of JSONL and columns of CSV, and no input is a .jsonl, .csv or .tsv file; drop it"
        )
    }
}

#endif
