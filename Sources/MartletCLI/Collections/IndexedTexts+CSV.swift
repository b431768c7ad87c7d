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
        let textColumn = try column(members.textName, in: table, path)
        let idColumn =
            members.id == nil
            ? table.columns.firstIndex(of: members.idName) : try column(members.idName, in: table, path)
        var typings = table.columns.map { _ in FieldTyping() }
        var first = table
        while let row = try first.next() {
            for (column, value) in row.fields.enumerated() { typings[column].take(value) }
        }
        let types = typings.map(\.type)
        var rows = try CSVTable(path: path, format: format)
        while let row = try rows.next() {
            var fields: [String: FieldValue] = ["source": .string(path)]
            for (column, value) in row.fields.enumerated() where column != textColumn && column != idColumn {
                fields[table.columns[column]] = types[column].value(value)
            }
            fields = try withOwnSource(fields, file: path, at: "\(path):\(row.line)")
            let id = idColumn.map { row.fields[$0] } ?? ""
            try await body(
                IndexedText(
                    id: id.isEmpty ? "\(path)#\(row.line)" : id, place: "\(path):\(row.line)",
                    text: row.fields[textColumn], fields: fields))
        }
    }

    private func column(_ name: String, in table: CSVTable, _ path: String) throws -> Int {
        if let index = table.columns.firstIndex(of: name) { return index }
        let names = table.columns.prefix(12).map { "\"\($0)\"" }.joined(separator: ", ")
        throw DataError(
            .field, at: "\(path):1", "no column \"\(name)\" among \(names)",
            remedies: name == members.textName ? [.nameTextField] : [.nameIDField])
    }
}

#endif
