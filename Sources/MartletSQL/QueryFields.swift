import MartletData

/// Which columns of a query hold the text and the id.
///
/// Columns that are named, else those called `text` and `id`; else the only column is the text, and of two
/// columns without these names the first is the id.
struct QueryFields: Equatable {
    let text: Int
    let id: Int?

    init(columns: [String], text: String?, id: String?, at place: String) throws(DataError) {
        func find(_ name: String, _ remedy: Remedy) throws(DataError) -> Int {
            let found = columns.indices.filter { columns[$0] == name }
            guard let first = found.first, found.count == 1 else {
                let what =
                    found.isEmpty ? "has no column \"\(name)\"" : "has \(found.count) columns \"\(name)\""
                throw DataError(
                    .field, at: place,
                    "the query \(what); its columns are \(columns.map { "\"\($0)\"" }.joined(separator: ", "))",
                    remedies: [remedy])
            }
            return first
        }
        let named = try id.map { name throws(DataError) in try find(name, .nameIDField) }
        let known = named ?? columns.firstIndex(of: "id")
        if let text {
            self.text = try find(text, .nameTextField)
        } else if columns.contains("text") {
            self.text = try find("text", .nameTextField)
        } else if columns.count == 1 {
            self.text = 0
        } else if columns.count == 2 {
            self.text = known == 1 ? 0 : 1
        } else {
            self.text = try find("text", .nameTextField)
        }
        let found = known ?? (columns.count == 2 ? 1 - self.text : nil)
        self.id = found == self.text ? nil : found
    }
}
