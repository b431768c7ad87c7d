/// The open elements that matter for the text that is seen: blocks, cells and what is hidden.
struct OpenElements {
    private struct Element {
        let name: String
        let limits: HTMLElements.Limits
        let isHeading: Bool
        // From here on: of the element or of one that it is inside.
        let headingLevel: Int?
        let isInWhole: Bool
        let isInItem: Bool
        let isPreformatted: Bool

        init(_ name: String, inside outer: Element?) {
            self.name = name
            limits = HTMLElements.Limits(of: name)
            let level = HTMLElements.headingLevel(name)
            isHeading = level != nil
            headingLevel = level ?? outer?.headingLevel
            isInWhole = outer?.isInWhole == true || HTMLElements.wholes.contains(name)
            isInItem = outer?.isInItem == true || name == "li"
            isPreformatted = outer?.isPreformatted == true || HTMLElements.preformatted.contains(name)
        }
    }

    /// Browsers nest no deeper either. It bounds the time of each search.
    private static let deepest = 512

    private var elements: [Element] = []
    /// Where what is hidden begins; nil: nothing is.
    private var firstHidden: Int?

    var isHidden: Bool { firstHidden != nil }
    var isInWhole: Bool { elements.last?.isInWhole ?? false }
    var isInItem: Bool { elements.last?.isInItem ?? false }
    var isPreformatted: Bool { elements.last?.isPreformatted ?? false }
    /// The level of the innermost heading.
    var headingLevel: Int? { elements.last?.headingLevel }

    mutating func begin(_ name: String, isHidden: Bool) {
        let isOutermost = isHidden && firstHidden == nil
        if isOutermost { firstHidden = elements.count }
        // The end tag of an element inside, of the same name, must not end the hidden one.
        let isLikeHidden = firstHidden.map { $0 < elements.count && elements[$0].name == name } ?? false
        let matters = isHidden || isLikeHidden || HTMLElements.isBlockOrCell(name)
        if isOutermost || matters && elements.count < Self.deepest {
            elements.append(Element(name, inside: elements.last))
        }
    }

    /// Ends what the start tag of `name` ends although its end tag is left out.
    mutating func endImplied(by name: String) {
        guard let last = elements.last else { return }
        switch name {
        case "li": end(within: [.closed, .item]) { $0.name == "li" }
        case "dt", "dd": end(within: [.closed, .item]) { $0.name == "dt" || $0.name == "dd" }
        case "tr": end(within: [.closed, .table]) { $0.name == "tr" }
        case "td", "th": end(within: [.closed, .table, .row]) { $0.name == "td" || $0.name == "th" }
        case "tbody", "thead", "tfoot":
            end(within: [.closed, .table]) { HTMLElements.rowGroups.contains($0.name) }
        default:
            if last.isHeading, HTMLElements.headingLevel(name) != nil { remove(from: elements.count - 1) }
        }
        if name != "textarea", HTMLElements.isBlockOrCell(name) {
            end(within: [.closed, .table, .cell]) { $0.name == "p" }
        }
    }

    /// An end tag; it is ignored where nothing is open that it ends.
    mutating func end(_ name: String) {
        let isHeading = HTMLElements.headingLevel(name) != nil
        let isOfTable = HTMLElements.tableParts.contains(name)
        end(within: isOfTable ? [.closed, .table] : [.closed, .table, .cell]) {
            // Any heading's end tag ends a heading.
            isHeading ? $0.isHeading : $0.name == name
        }
    }

    /// Ends the innermost element that `isEnded`, and all inside it, unless a limit is nearer.
    private mutating func end(within limits: HTMLElements.Limits, where isEnded: (Element) -> Bool) {
        let found = elements.lastIndex { isEnded($0) || !$0.limits.isDisjoint(with: limits) }
        if let found, isEnded(elements[found]) { remove(from: found) }
    }

    private mutating func remove(from index: Int) {
        elements.removeSubrange(index...)
        if let first = firstHidden, first >= index { firstHidden = nil }
    }
}
