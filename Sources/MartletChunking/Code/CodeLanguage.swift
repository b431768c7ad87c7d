/// What of a language's syntax matters for where its files may be cut: what is a comment, what is a string,
/// and what nests.
struct CodeLanguage: Sendable {
    var lineComments: [String]
    var blockComment: (open: String, close: String)?
    /// Delimiters of strings that may go over several lines, longest first.
    var longStrings: [String] = []
    /// Delimiters of strings that end with their line.
    var strings: [String] = ["\"", "'"]
    /// Depth comes from indentation, not from braces.
    var isIndented = false
    /// Whether an apostrophe begins a string.
    var hasApostrophes: Bool { strings.contains("'") || longStrings.contains("'") }

    static let c = CodeLanguage(lineComments: ["//"], blockComment: ("/*", "*/"))
    static let script = CodeLanguage(lineComments: ["//"], blockComment: ("/*", "*/"), longStrings: ["`"])
    static let tripleQuoted = CodeLanguage(
        lineComments: ["//"], blockComment: ("/*", "*/"), longStrings: ["\"\"\""], strings: ["\""])
    static let dart = CodeLanguage(
        lineComments: ["//"], blockComment: ("/*", "*/"), longStrings: ["\"\"\"", "'''"])
    static let rust = CodeLanguage(
        lineComments: ["//"], blockComment: ("/*", "*/"), longStrings: ["\""], strings: [])
    static let python = CodeLanguage(
        lineComments: ["#"], blockComment: nil, longStrings: ["\"\"\"", "'''"], isIndented: true)
    static let shell = CodeLanguage(
        lineComments: ["#"], blockComment: nil, longStrings: ["\"", "'"], strings: [])
    static let hash = CodeLanguage(lineComments: ["#"], blockComment: nil)
    static let yaml = CodeLanguage(lineComments: ["#"], blockComment: nil, isIndented: true)
    static let php = CodeLanguage(lineComments: ["//", "#"], blockComment: ("/*", "*/"))
    static let sql = CodeLanguage(lineComments: ["--"], blockComment: ("/*", "*/"))
    static let haskell = CodeLanguage(
        lineComments: ["--"], blockComment: ("{-", "-}"), strings: ["\""], isIndented: true)
    static let lua = CodeLanguage(lineComments: ["--"], blockComment: ("--[[", "]]"))
    static let ml = CodeLanguage(
        lineComments: [], blockComment: ("(*", "*)"), strings: ["\""], isIndented: true)
    static let lisp = CodeLanguage(
        lineComments: [";"], blockComment: ("#|", "|#"), longStrings: ["\""], strings: [])
    static let percent = CodeLanguage(lineComments: ["%"], blockComment: nil, strings: ["\""])
    static let markup = CodeLanguage(
        lineComments: [], blockComment: ("<!--", "-->"), strings: [], isIndented: true)
    static let style = CodeLanguage(lineComments: [], blockComment: ("/*", "*/"))
    static let data = CodeLanguage(lineComments: [], blockComment: nil, strings: ["\""])
    /// What no row names: braces, and the commonest comments.
    static let unknown = CodeLanguage(lineComments: ["//", "#"], blockComment: ("/*", "*/"), strings: ["\""])

    /// Languages by the extensions of their files.
    private static let byExtension: [String: CodeLanguage] = {
        let rows: [(extensions: String, language: CodeLanguage)] = [
            (
                "c h cc cpp cxx hh hpp hxx m mm cs d v sv glsl hlsl metal cu proto thrift zig gradle groovy",
                .c
            ),
            ("js jsx mjs cjs ts tsx mts cts go vue svelte", .script),
            ("swift java kt kts scala", .tripleQuoted), ("dart", .dart), ("rs", .rust),
            ("py pyi pyw pyx", .python), ("sh bash zsh ksh", .shell),
            ("rb pl pm r jl tcl cmake ex exs nix toml ini conf cfg properties tf mk awk ps1 fish", .hash),
            ("yaml yml nim coffee", .yaml), ("php", .php), ("sql", .sql), ("hs elm", .haskell), ("lua", .lua),
            ("ml mli fs fsi fsx", .ml), ("el lisp lsp cl clj cljs scm rkt", .lisp),
            ("erl hrl tex bib sty", .percent),
            ("xml xsd xsl svg plist", .markup), ("css scss less", .style), ("json jsonc json5 ipynb", .data),
        ]
        var table: [String: CodeLanguage] = [:]
        for row in rows {
            for name in row.extensions.split(separator: " ") { table[String(name)] = row.language }
        }
        return table
    }()

    /// Languages by whole names of files.
    private static let byName: [String: CodeLanguage] = [
        "Makefile": .hash, "GNUmakefile": .hash, "makefile": .hash, "Dockerfile": .hash,
        "Containerfile": .hash, "CMakeLists.txt": .hash,
        "Rakefile": .hash, "Gemfile": .hash,
    ]

    /// The language of a document by its name; nil: the name is not one of code.
    static func of(_ document: Document) -> CodeLanguage? {
        document.fileName.flatMap { byName[$0] } ?? document.fileExtension.flatMap { byExtension[$0] }
    }
}
