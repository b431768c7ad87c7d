/// For a person: which text, how many dimensions, the norm and the first values.
///
///     "How do I cook pasta?"
///         384 dimensions, norm 1.0000
///         0.0182 -0.0533 0.0407 …
struct TextSink: Sink {
    private static let shownValues = 8
    private let output: Output

    init(_ output: Output) { self.output = output }

    func write(_ record: Record, _ rows: Rows, row: Int) throws(OutputError) {
        var text = ""
        switch record.id {
        case .none: break
        case .text(let id), .literal(let id): text = Console.oneLine(id) + "  "
        }
        text += Format.excerpt(record.text, width: 72) + "\n    "
        let range = rows.range(of: row)
        switch rows.elements {
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
