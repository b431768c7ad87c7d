/// The form in which rows are written to a file. To add one: a file beside this one with its sink, and its
/// row in `all`.
public struct OutputFormat: Sendable, Hashable, CustomStringConvertible {
    /// The name by which a user chooses it.
    public let name: String
    /// Endings of file names, without the dot, in lower case, that stand for this format.
    public let endings: [String]
    /// Whether a terminal cannot show it.
    public let isBinary: Bool
    /// What a row can be.
    public let kinds: Set<VectorKind>
    /// The number formats that it holds.
    public let elementTypes: Set<VectorElementType>
    /// Where ids and skipped records go: with the rows, or into a file beside them, for which the output must
    /// be a file.
    public let identification: Identification
    package let open: @Sendable (Output) -> any RecordSink

    /// Where a format keeps what identifies the rows.
    public enum Identification: Sendable, Hashable {
        case withRows
        /// `NAME.meta.json`, see ``Companion``.
        case companion
    }

    package init(
        name: String, endings: [String], isBinary: Bool = false, kinds: Set<VectorKind> = [.dense],
        elementTypes: Set<VectorElementType> = Set(VectorElementType.allCases),
        identification: Identification = .withRows,
        open: @escaping @Sendable (Output) -> any RecordSink
    ) {
        self.name = name
        self.endings = endings
        self.isBinary = isBinary
        self.kinds = kinds
        self.elementTypes = elementTypes
        self.identification = identification
        self.open = open
    }

    /// Every format.
    public static let all: [OutputFormat] = [.json, .jsonl, .npy, .f32, .csv, .parquet, .arrow]

    /// The format that a file's name asks for.
    public static func forFile(_ path: String, among formats: [OutputFormat] = all) -> OutputFormat? {
        let parts = (path.split(separator: "/").last ?? "").split(separator: ".").map { $0.lowercased() }
        guard parts.count > 1, let ending = parts.last else { return nil }
        return formats.first { $0.endings.contains(ending) }
    }

    /// A sink that writes to a new file, or over an old one.
    /// - Parameter companion: Whether `NAME.meta.json` is written beside it, which
    ///   ``Identification/companion`` formats always have.
    public func sink(writingTo path: String, companion: Bool = false) throws(DataError) -> any RecordSink {
        sink(writingTo: try Output.file(path), companion: companion)
    }

    package func sink(writingTo output: Output, companion: Bool) -> any RecordSink {
        let sink = open(output)
        return companion && identification != .companion ? CompanionSink(sink, besides: output) : sink
    }

    public var description: String { name }
    public static func == (a: OutputFormat, b: OutputFormat) -> Bool { a.name == b.name }
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
