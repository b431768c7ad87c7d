/// What `Split` and `Replace` look for: `{"String": "…"}` or `{"Regex": "…"}` of tokenizer.json.
enum TextPattern: Sendable {
    case literal([UInt8])
    case scanner(any PatternScanner)
    case regex(Regex)

    /// Appends the matches in `text[range]`, from left to right, as positions of `text`. What stands outside
    /// of `range` is not seen.
    func appendMatches(
        in text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, to matches: inout [Range<Int>]
    ) {
        switch self {
        case .literal(let bytes): appendOccurrences(of: bytes, in: text, range, to: &matches)
        case .scanner(let scanner): scanner.scan(text, range, into: &matches)
        case .regex(let regex): regex.appendMatches(in: text, range, to: &matches)
        }
    }

    private func appendOccurrences(
        of bytes: [UInt8], in text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>,
        to matches: inout [Range<Int>]
    ) {
        guard let first = bytes.first else { return }
        var position = range.lowerBound
        while position + bytes.count <= range.upperBound {
            if text[position] == first, text[position..<position + bytes.count].elementsEqual(bytes) {
                matches.append(position..<position + bytes.count)
                position += bytes.count
            } else {
                position += 1
            }
        }
    }

    /// Whether an ASCII space after printable ASCII always begins a match, so that text may be cut there.
    var isLocal: Bool {
        if case .scanner = self { true } else { false }
    }

    /// Whether the matches cover all of every text.
    var coversAll: Bool { isLocal }
}

extension TextPattern {
    init(_ field: Field) throws(TokenizerError) {
        let string = field["String"]
        if string.isPresent {
            self = .literal(Array(try string.string().utf8))
            return
        }
        let regex = field["Regex"]
        guard regex.isPresent else { throw field.wrong("an object with \"String\" or \"Regex\"") }
        let pattern = try regex.string()
        do throws(RegexError) {
            try self.init(pattern: pattern)
        } catch {
            throw TokenizerError(.unsupportedType, "\(regex.path): \(error.message)", file: field.file)
        }
    }

    /// By a scanner written for the pattern, else by the general matcher.
    init(pattern: String) throws(RegexError) {
        if let scanner = KnownPatterns.scanner(for: pattern) {
            self = .scanner(scanner)
        } else {
            self = .regex(try Regex(pattern))
        }
    }
}

/// What becomes of the matches of a split, as the reference library names it.
enum SplitBehavior: String, Sendable, CaseIterable {
    case removed = "Removed"
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    case contiguous = "Contiguous"

    init(_ field: Field, or fallback: SplitBehavior? = nil) throws(TokenizerError) {
        if !field.isPresent, let fallback {
            self = fallback
            return
        }
        guard let behavior = SplitBehavior(rawValue: try field.string()) else {
            throw field.wrong("one of " + Self.allCases.map(\.rawValue).joined(separator: ", "))
        }
        self = behavior
    }

    /// Appends the words that `matches`, ranges within `range`, make of it.
    func appendWords(
        of range: Range<Int>, _ matches: some Sequence<Range<Int>>, isInverted: Bool = false,
        to words: inout [Range<Int>]
    ) {
        let first = words.count
        var previousIsMatch = false
        func put(_ part: Range<Int>, _ isMatch: Bool) {
            let isMatch = isMatch != isInverted
            defer { previousIsMatch = isMatch }
            let merges: Bool
            switch self {
            case .removed:
                if !isMatch, !part.isEmpty { words.append(part) }
                return
            case .isolated: merges = false
            case .contiguous: merges = isMatch == previousIsMatch
            case .mergedWithPrevious: merges = isMatch && !previousIsMatch
            case .mergedWithNext: merges = false
            }
            if merges, words.count > first {
                words[words.count - 1] = words[words.count - 1].lowerBound..<part.upperBound
            } else {
                words.append(part)
            }
        }
        var position = range.lowerBound
        var parts: [(part: Range<Int>, isMatch: Bool)] = []
        func visit(_ part: Range<Int>, _ isMatch: Bool) {
            if self == .mergedWithNext { parts.append((part, isMatch)) } else { put(part, isMatch) }
        }
        for match in matches {
            if position < match.lowerBound { visit(position..<match.lowerBound, false) }
            visit(match, true)
            position = match.upperBound
        }
        if position < range.upperBound { visit(position..<range.upperBound, false) }
        if self == .mergedWithNext { appendMergedWithNext(parts, isInverted, to: &words) }
        // Matches may be empty, and then make no words.
        var kept = first
        for index in first..<words.count where !words[index].isEmpty {
            words[kept] = words[index]
            kept += 1
        }
        words.removeLast(words.count - kept)
    }

    /// From right to left, as the reference library does it.
    private func appendMergedWithNext(
        _ parts: [(part: Range<Int>, isMatch: Bool)], _ isInverted: Bool, to words: inout [Range<Int>]
    ) {
        var reversed: [Range<Int>] = []
        var previousIsMatch = false
        for (part, isMatch) in parts.reversed() {
            let isMatch = isMatch != isInverted
            if isMatch, !previousIsMatch, let last = reversed.last {
                reversed[reversed.count - 1] = part.lowerBound..<last.upperBound
            } else {
                reversed.append(part)
            }
            previousIsMatch = isMatch
        }
        words += reversed.reversed()
    }
}
