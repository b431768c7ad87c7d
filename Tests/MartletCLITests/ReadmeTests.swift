#if Command

import MartletHub
import Testing

/// Every `console` block of the README is run and must print what the README shows, numbers apart from their
/// last digits: the default precision depends on the CPU.
@Suite struct ReadmeTests {
    struct Example: CustomTestStringConvertible {
        let command: String
        let output: [String]
        var testDescription: String { command }
    }

    static let examples: [Example] = {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(
            separator: "/")
        guard let text = try? Shell.run("cat '\(root)/README.md'") else { return [] }
        var examples: [Example] = []
        var block: [String]?
        for line in text {
            if line == "```console" {
                block = []
            } else if line == "```", let lines = block {
                if let first = lines.first, first.hasPrefix("$ ") {
                    examples.append(
                        Example(command: String(first.dropFirst(2)), output: Array(lines.dropFirst())))
                }
                block = nil
            } else {
                block?.append(line)
            }
        }
        return examples
    }()

    /// Models of the README and of the help's examples are those that the command knows by name.
    @Test func modelsAreKnown() throws {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(
            separator: "/")
        var names: Set<Substring> = []
        for line in try Shell.run("cat '\(root)/README.md' '\(root)/docs/CLI.md'") {
            let words = line.split { " `|<>()[]".contains($0) }
            guard words.contains("martlet") else { continue }
            for (word, next) in zip(words, words.dropFirst())
            where ["pull", "show", "rm", "--model", "-m"].contains(word) {
                // Not a placeholder, a path, a provider, a repository or an option.
                let isName = next.allSatisfy {
                    $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0))
                }
                if isName, next.first != "-", next.contains(where: \.isLowercase), !next.hasSuffix(".gguf") {
                    names.insert(next)
                }
            }
        }
        #expect(names.count >= 3, "\(names)")
        for name in names { #expect(KnownModels.named(String(name)) != nil, "\(name)") }
    }

    @Test func thereAreExamples() { #expect(ReadmeTests.examples.count >= 5) }

    @Test(arguments: examples) func printsWhatTheReadmeShows(_ example: Example) throws {
        let printed = try Shell.run(example.command)
        #expect(printed.count == example.output.count, "\(printed)")
        for (found, shown) in zip(printed, example.output) {
            #expect(agree(found, shown), "printed \(found), README has \(shown)")
        }
    }

    /// The same text, with numbers that differ by less than 0.02.
    private func agree(_ a: String, _ b: String) -> Bool {
        let (left, right) = (pieces(a), pieces(b))
        return left.count == right.count
            && zip(left, right).allSatisfy { a, b in
                if let x = Double(a), let y = Double(b), a.contains("."), b.contains(".") {
                    return abs(x - y) < 0.02
                }
                return a == b
            }
    }

    /// Runs of number characters, and single other characters except spaces.
    private func pieces(_ text: String) -> [String] {
        var pieces: [String] = []
        var number = ""
        for character in text {
            if character.isNumber || character == "." || character == "-" {
                number.append(character)
                continue
            }
            if !number.isEmpty { pieces.append(number) }
            number = ""
            if character != " " { pieces.append(String(character)) }
        }
        return number.isEmpty ? pieces : pieces + [number]
    }
}

#endif
