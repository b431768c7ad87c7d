/// What elements mean for the text that is seen.
enum HTMLElements {
    /// Nothing inside is text of the page.
    static let hidden: Set<String> = [
        "script", "style", "template", "noscript", "title", "iframe", "object", "svg", "canvas", "audio",
        "video", "noembed", "noframes", "datalist", "select",
    ]

    /// Text inside begins and ends on lines of its own.
    static let blocks: Set<String> = [
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog",
        "dir", "div", "dl", "dt",
        "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
        "hgroup", "hr", "html",
        "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "search", "section", "summary", "table",
        "tbody", "tfoot", "thead",
        "tr", "ul", "xmp", "textarea",
    ]

    /// Kept whole where they fit into a chunk.
    static let wholes: Set<String> = ["ul", "ol", "dl", "menu", "dir", "table", "pre", "xmp", "figure"]

    /// White space inside stays as it is.
    static let preformatted: Set<String> = ["pre", "xmp", "textarea"]

    /// Elements without an end tag.
    static let void: Set<String> = [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
        "track", "wbr",
    ]

    /// Cells of a row, which white space separates.
    static let cells: Set<String> = ["td", "th"]

    static func isBlockOrCell(_ name: String) -> Bool { blocks.contains(name) || cells.contains(name) }

    // MARK: How far a tag looks for what it ends

    static let rowGroups: Set<String> = ["tbody", "thead", "tfoot"]
    static let tableParts = rowGroups.union(["table", "caption", "tr", "td", "th"])

    struct Limits: OptionSet {
        let rawValue: UInt8

        /// A tag inside ends nothing outside.
        static let closed = Limits(rawValue: 1)
        static let table = Limits(rawValue: 2)
        static let row = Limits(rawValue: 4)
        /// Only a table's tags end it.
        static let cell = Limits(rawValue: 8)
        /// The next item is inside it, not after it.
        static let item = Limits(rawValue: 16)

        init(rawValue: UInt8) { self.rawValue = rawValue }

        init(of name: String) {
            self = []
            if ["template", "noscript", "object", "select"].contains(name) { insert(.closed) }
            if name == "table" { insert(.table) }
            if name == "tr" { insert(.row) }
            if cells.contains(name) || name == "caption" { insert(.cell) }
            if isBlockOrCell(name), !["address", "div", "p"].contains(name) { insert(.item) }
        }
    }

    static func headingLevel(_ name: String) -> Int? {
        let bytes = Array(name.utf8)
        return bytes.count == 2 && bytes[0] == UInt8(ascii: "h") && 0x31...0x36 ~= bytes[1]
            ? Int(bytes[1] - 0x30) : nil
    }
}
