#if Command

/// The output formats. To add one: a file beside this one with its sink, and a row here.
enum OutputFormat: String, Sendable, CaseIterable {
    case json, jsonl, npy, f32, csv, text

    /// Makes the sink and writes what goes before the first row.
    func open(_ output: Output, _ shape: RowShape) throws(OutputError) -> any Sink {
        switch self {
        case .json: try JSONSink(output)
        case .jsonl: JSONLSink(output)
        case .npy: try NPYSink(output, shape)
        case .f32: RawSink(output)
        case .csv: CSVSink(output, shape)
        case .text: TextSink(output)
        }
    }

    var isBinary: Bool { self == .npy || self == .f32 }

    /// Whether a text can have any number of vectors.
    var holdsTokens: Bool { self == .json || self == .jsonl || self == .text }

    /// The format that a file name asks for.
    static func forFile(_ path: String) -> OutputFormat? {
        switch path.split(separator: "/").last?.split(separator: ".").dropFirst().last?.lowercased() {
        case "json": .json
        case "jsonl", "ndjson": .jsonl
        case "npy": .npy
        case "f32": .f32
        case "csv": .csv
        case "txt": .text
        default: nil
        }
    }
}

/// What is known of the rows before the first one.
struct RowShape: Sendable, Equatable {
    /// Elements in a row, after quantisation.
    var width: Int
    var kind: Rows.Kind
}

/// Writes rows in one format. A sink is made when the output begins, gets rows in order, and is ended once, also after an error
/// or an interruption, so that what was written is valid.
protocol Sink {
    /// Writes row `row` of `rows`, which belongs to `record`.
    mutating func write(_ record: Record, _ rows: Rows, row: Int) throws(OutputError)
    /// Hands all whole rows to the system, so that a reader at the other end of a pipe sees them.
    mutating func flush() throws(OutputError)
    /// Writes what goes after the last row.
    mutating func end() throws(OutputError)
}

#endif
