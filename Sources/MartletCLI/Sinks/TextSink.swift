#if Command

/// For a person: which text, how many dimensions, the norm and the first values; with token vectors the first values of each.
///
///     "How do I cook pasta?"
///         384 dimensions, norm 1.0000
///         0.0182 -0.0533 0.0407 …
///
///     "How do I cook pasta?"
///         8 tokens × 384 dimensions
///         [CLS]    0.1037   0.1582   0.2006 …
///         how      0.5210  -0.1175   0.3012 …
struct TextSink: Sink {
    private static let shownValues = 8
    /// Beside a token.
    private static let shownTokenValues = 6
    private let output: Output

    init(_ output: Output) { self.output = output }

    func write(_ record: Record, _ rows: Rows, row: Int) throws(OutputError) {
        var text = ""
        switch record.id {
        case .none: break
        case .text(let id), .literal(let id): text = Console.oneLine(id) + "  "
        }
        text += Format.excerpt(record.text, width: 72) + "\n    "
        if let sparse = rows.sparse {
            output.buffer.append(contentsOf: (text + sparse[row].text(shown: Self.shownValues)).utf8)
            return try output.endRow()
        }
        let range = rows.tokens == nil ? rows.range(of: row) : 0..<0
        switch rows.elements {
        case .float32(let values) where rows.tokens != nil: text += Self.describe(rows, row, values)
        case .float32(let values): text += Self.describe(values[range].map(Double.init))
        case .float16(let values): text += Self.describe(values[range].map { Double(HalfPrecision.float($0)) })
        case .int8(let values): text += Self.describe(values[range].map { Int($0) }, "int8")
        case .uint8(let values): text += Self.describe(values[range].map { Int($0) }, "uint8")
        }
        output.buffer.append(contentsOf: text.utf8)
        try output.endRow()
    }

    func flush() throws(OutputError) { try output.flush() }
    func end() throws(OutputError) { try output.flush() }

    private static func describe(_ rows: Rows, _ row: Int, _ values: [Float]) -> String {
        let tokens = (rows.tokens?.names[row] ?? []).map(Console.oneLine)
        let dimensions = rows.width
        let width = tokens.map(\.count).max() ?? 0
        var text = "\(Format.count(tokens.count, "token")) × \(dimensions) dimensions\n"
        for (token, range) in zip(tokens, rows.ranges(of: row)) {
            text += "    " + Format.padded(token, to: width)
            for value in values[range].prefix(shownTokenValues) {
                text += " " + Format.padded(Format.fixed(Double(value), 4), to: 8, alignRight: true)
            }
            text += dimensions > shownTokenValues ? " …\n" : "\n"
        }
        return text
    }

    private static func describe(_ values: [Double]) -> String {
        let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let shown = values.prefix(shownValues).map { Format.fixed($0, 4) }.joined(separator: " ")
        return "\(values.count) dimensions, norm \(Format.fixed(norm, 4))\n    \(shown)\(values.count > shownValues ? " …" : "")\n"
    }

    private static func describe(_ values: [Int], _ type: String) -> String {
        let shown = values.prefix(shownValues).map(String.init).joined(separator: " ")
        return "\(values.count) × \(type)\n    \(shown)\(values.count > shownValues ? " …" : "")\n"
    }
}

#endif
