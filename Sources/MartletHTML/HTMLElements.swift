/// What elements mean for the text that is seen.
enum HTMLElements {
    /// Nothing inside is text of the page.
    static let hidden: Set<String> = [
        "script", "style", "template", "noscript", "head", "title", "iframe", "object", "svg", "canvas",
        "audio", "video", "noembed",
        "noframes", "datalist", "select",
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

    static func headingLevel(_ name: String) -> Int? {
        let bytes = Array(name.utf8)
        return bytes.count == 2 && bytes[0] == UInt8(ascii: "h") && 0x31...0x36 ~= bytes[1]
            ? Int(bytes[1] - 0x30) : nil
    }
}
