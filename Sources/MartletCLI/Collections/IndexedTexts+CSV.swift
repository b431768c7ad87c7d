#if Command

import MartletData
import MartletIndex

/// Rows of tables.
extension IndexedTexts {
    /// Calls `body` with each row: the text, the id, and the other columns as fields.
    ///
    /// A column has one type, that which fits all of its values: the file is read twice. An empty value is no
    /// field.
    func readRows(
        of table: CSVTable, path: String, _ format: InputFormat,
        _ body: (IndexedText) async throws -> Void
    ) async throws {
        guard let textColumn = table.columns.firstIndex(of: textField) else {
            let names = table.columns.prefix(12).map { "\"\($0)\"" }.joined(separator: ", ")
            throw DataError(
                .field, at: "\(path):1", "no column \"\(textField)\" among \(names)",
                remedies: [.nameTextField])
        }
        let idColumn = table.columns.firstIndex(of: idField)
        var types = table.columns.map { _ in ColumnType() }
        var first = table
        while let row = try first.next() {
            for (column, value) in row.fields.enumerated() { types[column].take(value) }
        }
        var rows = try CSVTable(path: path, format: format)
        while let row = try rows.next() {
            var fields: [String: FieldValue] = ["source": .string(path)]
            for (column, value) in row.fields.enumerated() where column != textColumn && column != idColumn {
                fields[table.columns[column]] = types[column].field(value)
            }
            let id = idColumn.map { row.fields[$0] } ?? ""
            try await body(
                IndexedText(
                    id: id.isEmpty ? "\(path)#\(row.line)" : id, text: row.fields[textColumn], fields: fields)
            )
        }
    }
}

/// The narrowest type that holds all values of a column.
private struct ColumnType {
    private var areIntegers = true
    private var areNumbers = true
    private var areFlags = true

    mutating func take(_ value: String) {
        if value.isEmpty { return }
        areIntegers = areIntegers && Int(value) != nil
        areNumbers = areNumbers && Double(value)?.isFinite == true
        areFlags = areFlags && (value == "true" || value == "false")
    }

    /// nil for an empty value.
    func field(_ value: String) -> FieldValue? {
        if value.isEmpty { return nil }
        if areIntegers, let number = Int(value) { return .integer(number) }
        if areNumbers, let number = Double(value) { return .float(number) }
        if areFlags { return .boolean(value == "true") }
        return .string(value)
    }
}

#endif
