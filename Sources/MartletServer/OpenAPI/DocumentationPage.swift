#if Server

internal import HTTPTypes
internal import MartletJSON

/// The routes as one page of HTML, without scripts or anything from elsewhere.
enum DocumentationPage {
    static func html(of server: ServerCore) -> String {
        var page = head
        page += "<h1>Martlet \(escaped(server.configuration.version))</h1>\n"
        page +=
            "<p>Models: \(server.store.names.map { "<code>\(escaped($0))</code>" }.joined(separator: ", ")). "
        page += "The same in <a href=\"/openapi.json\">OpenAPI 3.1</a>.</p>\n<nav><ul>\n"
        let dialects = Dialect.allCases.filter { dialect in
            server.routes.contains { $0.dialect == dialect && !$0.isAlias }
        }
        for dialect in dialects {
            page += "<li><a href=\"#\(anchor(dialect))\">\(escaped(dialect.rawValue))</a></li>\n"
        }
        page += "</ul></nav>\n<main>\n"
        for dialect in dialects {
            page += "<section id=\"\(anchor(dialect))\">\n<h2>\(escaped(dialect.rawValue))</h2>\n"
            for route in server.routes where route.dialect == dialect && !route.isAlias {
                page += section(route, server.routes)
            }
            page += "</section>\n"
        }
        return page + "</main>\n</body>\n</html>\n"
    }

    private static func section(_ route: Route, _ all: [Route]) -> String {
        var text =
            "<article>\n<h3><code>\(route.method.rawValue) \(escaped(route.path))</code></h3>\n<p>\(escaped(route.summary)).</p>\n"
        let aliases = all.filter { $0.aliasOf == route.path && $0.method == route.method }
        if !aliases.isEmpty {
            text +=
                "<p>Also \(aliases.map { "<code>\(escaped($0.path))</code>" }.joined(separator: ", ")).</p>\n"
        }
        for members in route.request?.alternatives ?? [] where !members.isEmpty {
            text +=
                "<table>\n<thead><tr><th scope=\"col\">Member</th><th scope=\"col\">Value</th><th scope=\"col\"></th></tr></thead>\n<tbody>\n"
            for member in members {
                text +=
                    "<tr><th scope=\"row\"><code>\(member.name)</code></th><td>\(escaped(member.schema.words))</td>"
                text += "<td>\(member.isRequired ? "required" : "")</td></tr>\n"
            }
            text += "</tbody>\n</table>\n"
        }
        return text + "<p>Answers with \(escaped(route.response.words)).</p>\n</article>\n"
    }

    private static func anchor(_ dialect: Dialect) -> String {
        dialect.rawValue.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "-")
    }

    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    private static let head = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Martlet: routes</title>
        <style>
        :root { color-scheme: light dark; }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 0 auto; padding: 1rem; }
        code { font-family: ui-monospace, monospace; font-size: .95em; }
        article { border-top: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding: .5rem 0; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0; font-weight: normal; }
        </style>
        </head>
        <body>

        """
}

extension Schema {
    /// The members of an object, or of each of the objects that it may be.
    fileprivate var alternatives: [[Member]] {
        switch self {
        case .object(let members, _): [members]
        case .oneOf(let choices, _): choices.flatMap(\.alternatives)
        default: []
        }
    }

    /// For people.
    var words: String {
        func with(_ text: String, _ note: String) -> String { note.isEmpty ? text : "\(text): \(note)" }
        switch self {
        case .string(let note): return with("a string", note)
        case .word(let words, let note):
            return with(words.map { "\"\($0)\"" }.joined(separator: " or "), note)
        case .integer(_, let note): return with("a whole number", note)
        case .number(let note): return with("a number", note)
        case .boolean(let note): return with("true or false", note)
        case .array(let element, _, let note): return with("a list of (\(element.words))", note)
        case .object(let members, let note):
            return with(
                members.isEmpty ? "an object" : "an object of \(members.map(\.name).joined(separator: ", "))",
                note)
        case .oneOf(let choices, let note): return with(choices.map(\.words).joined(separator: ", or "), note)
        case .nullable(let schema): return schema.words
        case .media(let type, _): return type
        }
    }
}

#endif
