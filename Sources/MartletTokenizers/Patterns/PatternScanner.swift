/// A split pattern written out by hand. Its matches cover all of every text, and an ASCII space after
/// printable ASCII begins one.
protocol PatternScanner: Sendable {
    func scan(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, into matches: inout [Range<Int>])
}

enum KnownPatterns {
    static let gpt2 = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
    /// cl100k too.
    static let llama3 =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    /// Qwen 3 too.
    static let qwen2 =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

    private static let rows: [(pattern: String, scanner: any PatternScanner)] = [
        (gpt2, GPT2Scanner()),
        (#"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#, GPT2Scanner()),
        (llama3, WordScanner(maxDigits: 3)),
        (qwen2, WordScanner(maxDigits: 1)),
    ]

    static func scanner(for pattern: String) -> (any PatternScanner)? {
        rows.first { $0.pattern.utf8.elementsEqual(pattern.utf8) }?.scanner
    }
}

/// What the patterns tell apart.
struct CharacterClasses {
    static let other: UInt8 = 0, letter: UInt8 = 1, number: UInt8 = 2, space: UInt8 = 3, newline: UInt8 = 4,
        multibyte: UInt8 = 5

    /// Of each byte.
    static let table: [UInt8] = (0...255).map { (byte: UInt8) in
        switch byte {
        case 0x80...: multibyte
        case 0x0A, 0x0D: newline
        case 0x09, 0x0B, 0x0C, 0x20: space
        case UInt8(ascii: "0")...UInt8(ascii: "9"): number
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): letter
        default: other
        }
    }

    let text: UnsafeBufferPointer<UInt8>
    let end: Int
    let table: UnsafeBufferPointer<UInt8>

    /// The class and length of the character at `position`, which is below `end`.
    @inline(__always)
    func at(_ position: Int) -> (kind: UInt8, length: Int) {
        let kind = table[Int(text[position])]
        return kind == Self.multibyte ? multibyte(position) : (kind, 1)
    }

    @inline(never)
    func multibyte(_ position: Int) -> (kind: UInt8, length: Int) {
        let (scalar, length) = UTF8Scalars.decode(text, at: position)
        let mask = Categories.shared.mask(of: scalar)
        if !mask.isDisjoint(with: .letter) { return (Self.letter, length) }
        if !mask.isDisjoint(with: .number) { return (Self.number, length) }
        return (mask.contains(.space) ? Self.space : Self.other, length)
    }

    /// The end of the run of one class from `position` on.
    @inline(__always)
    func endOfRun(_ kind: UInt8, _ position: Int) -> Int {
        var position = position
        while position < end {
            let next = at(position)
            if next.kind != kind { break }
            position &+= next.length
        }
        return position
    }

    /// The end of `[^\s\p{L}\p{N}]*`.
    @inline(__always)
    func endOfOther(_ position: Int) -> Int { endOfRun(Self.other, position) }

    /// White space from `position` on: its end, where its last character begins, and the end of its last line
    /// break.
    @inline(__always)
    func spaces(_ position: Int) -> (end: Int, last: Int, afterNewline: Int?) {
        var position = position
        var last = position
        var afterNewline: Int?
        while position < end {
            let next = at(position)
            guard next.kind == Self.space || next.kind == Self.newline else { break }
            last = position
            position &+= next.length
            if next.kind == Self.newline { afterNewline = position }
        }
        return (position, last, afterNewline)
    }

    /// `'s|'t|'re|'ve|'m|'ll|'d`: the end of the match at the apostrophe at `position`. The long s folds to
    /// s.
    @inline(__always)
    func contraction(_ position: Int, ignoringCase: Bool) -> Int? {
        guard position &+ 1 < end else { return nil }
        let fold: UInt8 = ignoringCase ? 0x20 : 0
        let first = text[position &+ 1] | fold
        switch first {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return position &+ 2
        case UInt8(ascii: "r"), UInt8(ascii: "v"), UInt8(ascii: "l"):
            guard position &+ 2 < end else { return nil }
            let second = text[position &+ 2] | fold
            return second == (first == UInt8(ascii: "l") ? first : UInt8(ascii: "e")) ? position &+ 3 : nil
        default:
            let isLongS =
                ignoringCase && position &+ 2 < end && text[position &+ 1] == 0xC5
                && text[position &+ 2] == 0xBF
            return isLongS ? position &+ 3 : nil
        }
    }
}

/// GPT-2, RoBERTa, ModernBERT, OLMo.
struct GPT2Scanner: PatternScanner {
    func scan(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, into matches: inout [Range<Int>]) {
        CharacterClasses.table.withUnsafeBufferPointer { table in
            let classes = CharacterClasses(text: text, end: range.upperBound, table: table)
            var position = range.lowerBound
            while position < classes.end {
                let end = match(classes, position)
                matches.append(position..<end)
                position = end
            }
        }
    }

    @inline(__always)
    private func match(_ classes: CharacterClasses, _ start: Int) -> Int {
        let first = classes.text[start]
        if first == UInt8(ascii: "'"), let end = classes.contraction(start, ignoringCase: false) {
            return end
        }
        var kind = classes.at(start)
        var position = start
        // One space belongs to what follows it.
        if first == 0x20, start &+ 1 < classes.end {
            let next = classes.at(start &+ 1)
            if next.kind < CharacterClasses.space { (kind, position) = (next, start &+ 1) }
        }
        if kind.kind < CharacterClasses.space { return classes.endOfRun(kind.kind, position &+ kind.length) }
        // Spaces before a word leave their last character to it.
        let run = classes.spaces(start)
        return run.end == classes.end || run.last == start ? run.end : run.last
    }
}

/// cl100k, Llama 3 and Qwen 2: letters take one character before them along, digits come in groups, line
/// breaks end white space.
struct WordScanner: PatternScanner {
    let maxDigits: Int

    func scan(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, into matches: inout [Range<Int>]) {
        CharacterClasses.table.withUnsafeBufferPointer { table in
            let classes = CharacterClasses(text: text, end: range.upperBound, table: table)
            var position = range.lowerBound
            while position < classes.end {
                let end = match(classes, position)
                matches.append(position..<end)
                position = end
            }
        }
    }

    @inline(__always)
    private func match(_ classes: CharacterClasses, _ start: Int) -> Int {
        let first = classes.text[start]
        if first == UInt8(ascii: "'"), let end = classes.contraction(start, ignoringCase: true) { return end }
        let kind = classes.at(start)
        let next = start &+ kind.length
        if kind.kind == CharacterClasses.letter { return classes.endOfRun(CharacterClasses.letter, next) }
        if kind.kind == CharacterClasses.number {
            var position = next
            var count = 1
            while count < maxDigits, position < classes.end {
                let digit = classes.at(position)
                guard digit.kind == CharacterClasses.number else { break }
                position &+= digit.length
                count &+= 1
            }
            return position
        }
        if kind.kind != CharacterClasses.newline, next < classes.end {
            let following = classes.at(next)
            if following.kind == CharacterClasses.letter {
                return classes.endOfRun(CharacterClasses.letter, next &+ following.length)
            }
            if first == 0x20, following.kind == CharacterClasses.other {
                return endOfSymbols(classes, next &+ following.length)
            }
        }
        if kind.kind == CharacterClasses.other { return endOfSymbols(classes, next) }
        let run = classes.spaces(start)
        if let end = run.afterNewline { return end }
        return run.end == classes.end || run.last == start ? run.end : run.last
    }

    /// `[^\s\p{L}\p{N}]*[\r\n]*`
    @inline(__always)
    private func endOfSymbols(_ classes: CharacterClasses, _ position: Int) -> Int {
        classes.endOfRun(CharacterClasses.newline, classes.endOfOther(position))
    }
}
