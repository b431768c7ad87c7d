/// A column as its file describes it.
protocol NamedColumn {
    var name: String { get }
    /// Why its values cannot be read at all; nil: they can.
    var reasonAgainstReading: String? { get }
    var holdsTexts: Bool { get }
    /// Why a value of it cannot be an id as it is; nil: it can.
    var reasonAgainstID: String? { get }
}

/// Which columns of a file hold the text and the id, by their positions.
struct ColumnChoice {
    let text: Int
    let id: Int?

    /// - Throws: If a column that is named does not exist, exists twice, or holds values of another type.
    init(of columns: [some NamedColumn], _ fields: FieldNames, at place: String) throws(ColumnFileError) {
        func column(_ name: String) throws(ColumnFileError) -> Int? {
            let found = columns.indices.filter { columns[$0].name == name }
            guard let index = found.first else { return nil }
            guard found.count == 1 else {
                throw .malformed("\(found.count) columns are called \(name.quoted)")
            }
            if let reason = columns[index].reasonAgainstReading {
                throw .input(
                    DataError(
                        .unsupported, at: place, "column \(name.quoted) \(reason)",
                        remedies: [.advice("name a column with one value for each row")]))
            }
            return index
        }
        func fault(_ reason: String, _ remedy: Remedy) -> ColumnFileError {
            .input(DataError(.field, at: place, reason, remedies: [remedy]))
        }
        let list =
            columns.prefix(12).map(\.name.quoted).joined(separator: ", ") + (columns.count > 12 ? ", …" : "")
        guard let text = try column(fields.textName) else {
            throw fault("no column \(fields.textName.quoted) among \(list)", .nameTextField)
        }
        guard columns[text].holdsTexts else {
            throw fault("column \(fields.textName.quoted) holds no strings", .nameTextField)
        }
        self.text = text
        let id = try column(fields.idName)
        guard let name = fields.id else {
            // Nobody asked for it: of another type it is no id.
            self.id = id.flatMap { columns[$0].reasonAgainstID == nil ? $0 : nil }
            return
        }
        guard let id else { throw fault("no column \(name.quoted) for the id among \(list)", .nameIDField) }
        if let reason = columns[id].reasonAgainstID {
            throw fault(
                "column \(name.quoted) \(reason), expected strings or numbers as ids", .nameIDField)
        }
        self.id = id
    }
}
