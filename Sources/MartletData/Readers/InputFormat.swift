/// How the bytes of an input are cut into records. To add one: a file beside this one with its reader, and
/// its row in `all`.
public struct InputFormat: Sendable, Hashable, CustomStringConvertible {
    /// The name by which a user chooses it.
    public let name: String
    /// Endings of file names, without the dot, in lower case, that stand for this format.
    public let endings: [String]
    /// Whether records have named fields, of which one is the text.
    public let readsFields: Bool
    package let open: @Sendable (ByteSource, FieldNames) -> any RecordReader

    package init(
        name: String, endings: [String], readsFields: Bool,
        open: @escaping @Sendable (ByteSource, FieldNames) -> any RecordReader
    ) {
        self.name = name
        self.endings = endings
        self.readsFields = readsFields
        self.open = open
    }

    /// Every format.
    public static let all: [InputFormat] = [
        .lines, .jsonl, .json, .csv, .tsv, .parquet, .arrow, .html, .file,
    ]

    /// The format of that name.
    public static func named(_ name: String) -> InputFormat? { all.first { $0.name == name } }

    /// The format that the name of a file promises; nil: no known one. `corpus.jsonl.gz` is JSONL.
    public static func forFile(_ path: String) -> InputFormat? {
        guard let ending = fileEnding(path) else { return nil }
        return all.first { $0.endings.contains(ending) }
    }

    /// Endings of files whose records have named fields.
    package static var endingsWithFields: [String] { all.filter(\.readsFields).flatMap(\.endings) }

    /// Endings of compressed files, which are decompressed as they are read.
    package static var compressedEndings: [String] { Signature.endings }

    /// The last part of a path, without an ending of compression: the name of what is inside.
    package static func nameInside(_ path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex,
            Signature.endings.contains(name[name.index(after: dot)...].lowercased())
        else { return String(name) }
        return String(name[..<dot])
    }

    /// What is after the last dot of a file's name, in lower case, endings of compression left out.
    static func fileEnding(_ path: String) -> String? {
        let parts = nameInside(path).split(separator: ".")
        return parts.count > 1 ? parts.last?.lowercased() : nil
    }

    public var description: String { name }
    public static func == (a: InputFormat, b: InputFormat) -> Bool { a.name == b.name }
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
