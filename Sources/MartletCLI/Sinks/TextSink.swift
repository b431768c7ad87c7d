#if Command

import MartletData
internal import MartletSystem

/// For a person: which text, how many dimensions, the norm and the first values; with token vectors the first
/// values of each.
///
///     "How do I cook pasta?"
///         384 dimensions, norm 1.0000
///         0.0182 -0.0533 0.0407 …
///
///     "How do I cook pasta?"
///         8 tokens × 384 dimensions
///         [CLS]    0.1037   0.1582   0.2006 …
///         how      0.5210  -0.1175   0.3012 …
struct TextSink: RecordSink {
    private static let shownValues = 8
    /// Beside a token.
    private static let shownTokenValues = 6
    private let output: Output

    init(_ output: Output) { self.output = output }

    func begin(_ schema: VectorSchema) -> Checkpoint? { nil }

    func write(_ batch: RowBatch) throws(DataError) {
        for (row, record) in batch.records.enumerated() {
            var text = ""
            switch record.id {
            case .none: break
            case .text(let id), .literal(let id): text = Console.oneLine(id) + "  "
            }
            text += Format.excerpt(record.text, width: 72) + "\n    "
            switch batch.rows {
            case .dense(let rows): text += Self.describe(rows, row)
            case .sparse(let rows): text += Self.describe(rows[row])
            case .multiVector(let rows): text += Self.describe(rows, row)
            }
            output.buffer.append(contentsOf: text.utf8)
            try output.endRow()
        }
    }

    func commit(_ checkpoint: Checkpoint) throws(DataError) { try output.flush() }
    func finish() throws(DataError) { try output.flush() }

    private static func describe(_ rows: DenseRows, _ row: Int) -> String {
        let range = rows.range(of: row)
        switch rows.elements {
        case .float32(let values): return describe(values[range].map(Double.init))
        case .float16(let values): return describe(values[range].map { Double(HalfPrecision.float($0)) })
        case .int8(let values): return describe(values[range].map { Int($0) }, "int8")
        case .uint8(let values): return describe(values[range].map { Int($0) }, "uint8")
        }
    }

    /// How many dimensions there are, and the largest with what they stand for.
    private static func describe(_ row: SparseRow) -> String {
        let (indices, values) = (row.indices, row.values)
        var text =
            Format.grouped(indices.count)
            + (row.dimensions > 0 ? " of \(Format.grouped(row.dimensions)) dimensions\n" : " dimensions\n")
        let order = indices.indices.sorted { values[$0] != values[$1] ? values[$0] > values[$1] : $0 < $1 }
            .prefix(shownValues)
        for place in order {
            let name =
                row.tokens.map { $0[place].isEmpty ? "\(indices[place])" : Console.oneLine($0[place]) }
                ?? "\(indices[place])"
            text +=
                "    " + Format.padded(Format.fixed(Double(values[place]), 4), to: 8, alignRight: true) + "  "
                + name + "\n"
        }
        return indices.count > shownValues ? text + "    …\n" : text
    }

    private static func describe(_ rows: MultiVectorRows, _ row: Int) -> String {
        let tokens = rows.tokens[row].map(Console.oneLine)
        let width = tokens.map(\.count).max() ?? 0
        var text = "\(Format.count(tokens.count, "token")) × \(rows.dimensions) dimensions\n"
        for (token, range) in zip(tokens, rows.ranges(of: row)) {
            text += "    " + Format.padded(token, to: width)
            for value in rows.vectors[range].prefix(shownTokenValues) {
                text += " " + Format.padded(Format.fixed(Double(value), 4), to: 8, alignRight: true)
            }
            text += rows.dimensions > shownTokenValues ? " …\n" : "\n"
        }
        return text
    }

    private static func describe(_ values: [Double]) -> String {
        let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let shown = values.prefix(shownValues).map { Format.fixed($0, 4) }.joined(separator: " ")
        return
            "\(values.count) dimensions, norm \(Format.fixed(norm, 4))\n    \(shown)\(values.count > shownValues ? " …" : "")\n"
    }

    private static func describe(_ values: [Int], _ type: String) -> String {
        let shown = values.prefix(shownValues).map(String.init).joined(separator: " ")
        return "\(values.count) × \(type)\n    \(shown)\(values.count > shownValues ? " …" : "")\n"
    }
}

#endif
