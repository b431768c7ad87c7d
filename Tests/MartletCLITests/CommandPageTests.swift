#if Command && Server

import MartletJSON
import Testing

/// docs/CLI.md says what the help says. `Scripts/cli-docs` writes the page.
@Suite struct CommandPageTests {
    private struct Section {
        let command: String
        let help: JSONValue
    }

    private static let page: [Substring] = {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(
            separator: "/")
        let lines = (try? Shell.run("cat '\(root)/docs/CLI.md'")) ?? []
        return lines.map { $0.replacing("\\", with: "").replacing("&lt;", with: "<")[...] }
    }()

    /// Every command with its parents' names, as the page has its heading.
    private static func sections(of help: JSONValue, below parents: String = "") -> [Section] {
        let name = help["commandName"]?.string ?? ""
        guard help["shouldDisplay"]?.bool == true, name != "help" else { return [] }
        let command = parents.isEmpty ? name : "\(parents) \(name)"
        let below = (help["subcommands"]?.array ?? []).flatMap { sections(of: $0, below: command) }
        return (parents.isEmpty ? [] : [Section(command: command, help: help)]) + below
    }

    private static func text(of command: String) -> [Substring] {
        let isHeading = { (line: Substring) in line.hasPrefix("## ") || line.hasPrefix("### ") }
        guard let start = page.firstIndex(where: { isHeading($0) && $0.drop { $0 == "#" } == " \(command)" })
        else { return [] }
        return Array(page[(start + 1)...].prefix { !isHeading($0) })
    }

    private static func isCommon(_ argument: JSONValue) -> Bool {
        (argument["names"]?.array ?? []).contains { ["help", "version"].contains($0["name"]?.string) }
    }

    @Test func thePageSaysWhatTheHelpSays() throws {
        let dump = try Command.run(["--experimental-dump-help"]).text
        let root = try #require(try JSONValue.parse(utf8: dump)["command"])
        let sections = Self.sections(of: root)
        #expect(sections.count > 20)
        #expect(Self.page.count { $0.hasPrefix("## ") || $0.hasPrefix("### ") } == sections.count)
        for section in sections {
            let lines = Self.text(of: section.command)
            let abstract = section.help["abstract"]?.string ?? ""
            let isShown = lines.contains(abstract[...])
            #expect(isShown, "\(section.command) in docs/CLI.md: run Scripts/cli-docs")
            for line in (section.help["discussion"]?.string ?? "").split(separator: "\n")
            where line != "EXAMPLES" {
                let line = line.drop { $0 == " " }.replacing("\\", with: "")
                #expect(lines.contains { $0.hasSuffix(line) }, "\(section.command): \(line)")
            }
            let arguments = (section.help["arguments"]?.array ?? []).filter {
                $0["shouldDisplay"]?.bool == true && !Self.isCommon($0)
            }
            #expect(lines.count { $0.hasPrefix("| `") } == arguments.count, "options of \(section.command)")
            for argument in arguments {
                let row = Self.row(of: argument)
                let isShown = lines.contains(row[...])
                #expect(isShown, "\(section.command): \(row)")
            }
        }
    }

    /// The row of an argument in a table: its names, and what the help says of it.
    private static func row(of argument: JSONValue) -> String {
        let kind = argument["kind"]?.string
        let value = kind == "flag" ? "" : (argument["valueName"]?.string ?? "").uppercased()
        var names = (argument["names"]?.array ?? []).map { name in
            (name["kind"]?.string == "long" ? "--" : "-") + (name["name"]?.string ?? "")
        }
        names.sort { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
        if kind == "positional" {
            names = [value]
        } else if let last = names.popLast() {
            names.append(value.isEmpty ? last : "\(last) \(value)")
        }
        var words = [argument["abstract"]?.string ?? ""]
        if let values = argument["allValues"]?.array, !values.isEmpty {
            words.append("Values: \(values.compactMap(\.string).joined(separator: ", ")).")
        }
        if let standard = argument["defaultValue"]?.string, !standard.isEmpty {
            words.append("Default: \(standard).")
        }
        let text = words.filter { !$0.isEmpty }.joined(separator: " ")
        return "| \(names.map { "`\($0)`" }.joined(separator: ", ")) | \(text) |"
    }
}

#endif
