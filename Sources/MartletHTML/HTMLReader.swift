/// From HTML to the text that is seen, in blocks, with the place in the source of every part.
package struct HTMLReader {
    package struct Block: Equatable {
        /// In the visible text.
        package let start: Int
        /// 1 to 6; nil: no heading.
        package let headingLevel: Int?
        /// The number of the outermost list, table or preformatted text that it is in; nil: none.
        package let whole: Int?
        package let isItem: Bool
    }

    /// A run of visible bytes. A linear run has the bytes of the source, any other stands for something as a
    /// whole.
    private struct Run {
        let visible: Int
        let source: Int
        let isLinear: Bool
    }

    /// The text that is seen, in UTF-8.
    package private(set) var visible: [UInt8] = []
    package private(set) var blocks: [Block] = []
    private var runs: [Run] = []
    private let bytes: [UInt8]

    private var open = OpenElements()
    private var wholes = 0
    private var breaksLine = true
    private var endsBlock = true
    private var needsSpace = false
    /// Where the first tag since the last visible text began: what it begins belongs to the next block.
    private var firstTag: Int?

    /// Reads any source: what is not well formed is no error.
    package init(_ source: [UInt8]) {
        bytes = source
        var tokens = HTMLTokens(source)
        while let (token, start) = tokens.next() {
            switch token {
            case .text(let range): if !open.isHidden { read(range) }
            case .start(let name, let isHidden, let isClosed):
                if firstTag == nil { firstTag = start }
                begin(name, isHidden: isHidden, isClosed: isClosed)
            case .end(let name): end(name)
            case .other: break
            }
        }
    }

    // MARK: Places

    /// Where the tags begin that the block at `offset` begins with, or the text itself.
    package func cut(at offset: Int) -> Int { place(of: offset) { $0 < offset } }

    package func character(at offset: Int) -> Int { place(of: offset) { $0 <= offset } }

    /// The place in the source by the last run whose visible place `isBefore`, or the first run at `offset`.
    private func place(of offset: Int, _ isBefore: (Int) -> Bool) -> Int {
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(runs[middle].visible) { low = middle + 1 } else { high = middle }
        }
        if low < runs.count, runs[low].visible == offset { return runs[low].source }
        guard low > 0 else { return 0 }
        let run = runs[low - 1]
        return run.isLinear ? run.source + offset - run.visible : run.source
    }

    // MARK: Elements

    private mutating func begin(_ name: String, isHidden: Bool, isClosed: Bool) {
        open.endImplied(by: name)
        if !open.isHidden {
            if name == "br" || name == "hr" { breaksLine = true }
            if HTMLElements.blocks.contains(name) { closeBlock() }
            if HTMLElements.cells.contains(name) { needsSpace = true }
        }
        if HTMLElements.void.contains(name) || isClosed { return }
        if HTMLElements.wholes.contains(name), !open.isInWhole { wholes += 1 }
        open.begin(name, isHidden: isHidden || HTMLElements.hidden.contains(name))
    }

    private mutating func end(_ name: String) {
        open.end(name)
        if !open.isHidden, HTMLElements.blocks.contains(name) { closeBlock() }
    }

    private mutating func closeBlock() {
        breaksLine = true
        endsBlock = true
        needsSpace = false
    }

    // MARK: Text

    private mutating func read(_ range: Range<Int>) {
        let isPreformatted = open.isPreformatted
        var position = range.lowerBound
        while position < range.upperBound {
            let byte = bytes[position]
            if byte == 0x20 || 0x09...0x0D ~= byte {
                if isPreformatted { put(position..<position + 1) } else { needsSpace = true }
                position += 1
            } else if byte == UInt8(ascii: "&"), let found = Entities.shared.reference(bytes, at: position) {
                put(found.scalars, position)
                position = found.end
            } else {
                let start = position
                position += 1
                while position < range.upperBound, bytes[position] > 0x20,
                    bytes[position] != UInt8(ascii: "&")
                { position += 1 }
                put(start..<position)
            }
        }
    }

    private mutating func put(_ range: Range<Int>) {
        prepare(range.lowerBound)
        runs.append(Run(visible: visible.count, source: range.lowerBound, isLinear: true))
        visible += bytes[range]
    }

    private mutating func put(_ scalars: [Unicode.Scalar], _ position: Int) {
        prepare(position)
        runs.append(Run(visible: visible.count, source: position, isLinear: false))
        for scalar in scalars { visible += UTF8.encode(scalar).map(Array.init) ?? [] }
    }

    /// Begins a block if one is due, and puts the line break or space before text at `position`.
    private mutating func prepare(_ position: Int) {
        defer {
            breaksLine = false
            endsBlock = false
            needsSpace = false
            firstTag = nil
        }
        if !visible.isEmpty, breaksLine || needsSpace {
            runs.append(Run(visible: visible.count, source: previousEnd(position), isLinear: false))
            if !breaksLine {
                visible.append(0x20)
            } else {
                visible += endsBlock && !isInside(whole: blocks.last?.whole) ? [0x0A, 0x0A] : [0x0A]
            }
        }
        guard endsBlock else { return }
        runs.append(Run(visible: visible.count, source: min(position, firstTag ?? position), isLinear: false))
        let isInWhole = open.isInWhole
        blocks.append(
            Block(
                start: visible.count, headingLevel: isInWhole ? nil : open.headingLevel,
                whole: isInWhole ? wholes : nil, isItem: open.isInItem))
    }

    /// Whether the text that follows is in the same list, table or preformatted text.
    private func isInside(whole: Int?) -> Bool {
        whole == wholes && open.isInWhole
    }

    /// The end in the source of the last visible text, at most `position`.
    private func previousEnd(_ position: Int) -> Int {
        guard let last = runs.last else { return position }
        return min(position, last.isLinear ? last.source + visible.count - last.visible : last.source + 1)
    }
}
