#if Command

import ArgumentParser

/// What is done with the arguments before they are parsed.
enum Arguments {
    /// `--threads -1` as `--threads=-1`: the parser would take the number for an option and miss the value.
    static func joiningNegativeNumbers(_ arguments: [String]) -> [String] {
        var result: [String] = []
        var isLiteral = false
        for argument in arguments {
            if !isLiteral, argument.hasPrefix("-"), Double(argument) != nil, let last = result.last,
                last.hasPrefix("--"), last != "--",
                !last.contains("=")
            {
                result[result.count - 1] = "\(last)=\(argument)"
            } else {
                result.append(argument)
            }
            if argument == "--" { isLiteral = true }
        }
        return result
    }

    /// Says which command a mistyped one may have been.
    static func checkCommand(_ arguments: [String]) throws(CommandError) {
        let names = RootCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
        let word = arguments.first == "help" ? arguments.dropFirst().first : arguments.first
        guard let word, !word.hasPrefix("-"), word != "help", !names.contains(word) else { return }
        let close = names.map { ($0, distance(word, $0)) }.filter { $0.1 <= max(1, word.count / 3) }.min {
            $0.1 < $1.1
        }
        let advice =
            close.map { "did you mean \($0.0)?" } ?? "the commands are \(names.joined(separator: ", "))"
        throw .usage("unknown command \(quoted(word)); \(advice)")
    }

    private static func quoted(_ word: String) -> String { "\"\(Console.oneLine(String(word.prefix(60))))\"" }

    /// Insertions, removals, changes and swaps of neighbours that make one word of the other (Damerau 1964).
    static func distance(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a.prefix(40)), Array(b))
        var rows = [Array(0...b.count)]
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var best = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    best = min(best, rows[i - 1][j - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}

#endif
