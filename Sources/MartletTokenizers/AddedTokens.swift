/// A token that is found literally in the text, before anything is split.
struct AddedToken: Sendable, Equatable {
    var id: Int32
    var content: String
    var isSpecial = true
    var isSingleWord = false
    var stripsLeft = false
    var stripsRight = false
    /// Looked for in the normalized text, itself normalized, instead of in the text as it came.
    var isNormalized = false
}

/// Finds added tokens: leftmost first, of those the longest.
struct AddedTokenMatcher: Sendable {
    struct Match {
        let token: AddedToken
        let range: Range<Int>
    }

    private var patterns: [(bytes: [UInt8], token: AddedToken)] = []
    /// For each byte the patterns that begin with it, longest first.
    private var byFirst: [[Int]] = Array(repeating: [], count: 256)
    private var isFirst = [Bool](repeating: false, count: 256)
    /// For each pair of bytes, first << 8 | second, whether a pattern may begin with it: runs of spaces are
    /// tokens of some models, single spaces are everywhere.
    private var isStart = [Bool](repeating: false, count: 1 << 16)

    /// The tokens' contents are looked for as they are.
    init(_ tokens: [AddedToken]) {
        patterns = tokens.filter { !$0.content.isEmpty }.map { (Array($0.content.utf8), $0) }
        for (index, pattern) in patterns.enumerated() {
            byFirst[Int(pattern.bytes[0])].append(index)
            isFirst[Int(pattern.bytes[0])] = true
            let start = Int(pattern.bytes[0]) << 8
            if pattern.bytes.count > 1 {
                isStart[start | Int(pattern.bytes[1])] = true
            } else {
                for second in 0..<256 { isStart[start | second] = true }
            }
        }
        for byte in byFirst.indices {
            byFirst[byte].sort { (-patterns[$0].bytes.count, $0) < (-patterns[$1].bytes.count, $1) }
        }
    }

    var isEmpty: Bool { patterns.isEmpty }

    /// The next match at `searchStart` or later. `kept` is where the text that is not yet part of a match
    /// begins: what a token strips on its left reaches no further. `searchStart` moves after the match,
    /// before what it strips on its right.
    func next(in text: UnsafeBufferPointer<UInt8>, from searchStart: inout Int, kept: Int) -> Match? {
        isFirst.withUnsafeBufferPointer { isFirst in
            var position = searchStart
            while position < text.count {
                guard isFirst[Int(text[position])], mayStart(text, at: position),
                    let pattern = match(text, at: position)
                else {
                    position &+= 1
                    continue
                }
                var range = position..<position + pattern.bytes.count
                position = range.upperBound
                if pattern.token.isSingleWord, isInsideWord(range, text) { continue }
                if pattern.token.stripsLeft {
                    range = max(leftSpace(range.lowerBound, text), kept)..<range.upperBound
                }
                if pattern.token.stripsRight { range = range.lowerBound..<rightSpace(range.upperBound, text) }
                searchStart = position
                return Match(token: pattern.token, range: range)
            }
            searchStart = position
            return nil
        }
    }

    private func mayStart(_ text: UnsafeBufferPointer<UInt8>, at position: Int) -> Bool {
        position + 1 == text.count || isStart[Int(text[position]) << 8 | Int(text[position + 1])]
    }

    private func match(_ text: UnsafeBufferPointer<UInt8>, at position: Int) -> (
        bytes: [UInt8], token: AddedToken
    )? {
        for index in byFirst[Int(text[position])] {
            let bytes = patterns[index].bytes
            if text.count - position >= bytes.count,
                text[position..<position + bytes.count].elementsEqual(bytes)
            {
                return patterns[index]
            }
        }
        return nil
    }

    private func isInsideWord(_ range: Range<Int>, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let tables = UnicodeTables.shared
        if range.lowerBound > 0,
            tables.flags(of: UTF8Scalars.decode(text, before: range.lowerBound).scalar).contains(.word)
        {
            return true
        }
        return range.upperBound < text.count
            && tables.flags(of: UTF8Scalars.decode(text, at: range.upperBound).scalar).contains(.word)
    }

    private func leftSpace(_ end: Int, _ text: UnsafeBufferPointer<UInt8>) -> Int {
        var position = end
        while position > 0 {
            let (scalar, length) = UTF8Scalars.decode(text, before: position)
            guard UnicodeTables.shared.flags(of: scalar).contains(.whitespace) else { break }
            position -= length
        }
        return position
    }

    private func rightSpace(_ start: Int, _ text: UnsafeBufferPointer<UInt8>) -> Int {
        var position = start
        while position < text.count {
            let (scalar, length) = UTF8Scalars.decode(text, at: position)
            guard UnicodeTables.shared.flags(of: scalar).contains(.whitespace) else { break }
            position += length
        }
        return position
    }
}
