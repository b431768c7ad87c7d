#if Command

/// Rows of words in columns, the first row a heading; columns of numbers stand to the right.
struct Table {
    private let heading: [String]
    private let numbers: Set<Int>
    private var rows: [[String]] = []

    init(_ heading: [String], numbers: Set<Int> = []) {
        self.heading = heading
        self.numbers = numbers
    }

    var isEmpty: Bool { rows.isEmpty }

    mutating func add(_ row: [String]) { rows.append(row.map(Console.oneLine)) }

    var text: String {
        let all = [heading] + rows
        let widths = heading.indices.map { column in all.map { $0[column].columns }.max() ?? 0 }
        return all.map { row in
            var line = ""
            for (column, word) in row.enumerated() {
                if column > 0 { line += "  " }
                let isLast = column == row.count - 1
                line +=
                    isLast && !numbers.contains(column)
                    ? word : Format.padded(word, to: widths[column], alignRight: numbers.contains(column))
            }
            return line + "\n"
        }.joined()
    }
}

#endif
