extension RegexParser {
    /// `[…]`
    mutating func bracketed() throws(RegexError) -> CharacterSet {
        depth += 1
        guard depth <= 64 else { throw unsupported("classes nested deeper than 64") }
        defer { depth -= 1 }
        position += 1
        var set = CharacterSet()
        set.isNegated = take("^")
        var isFirst = true
        while true {
            guard let scalar = next else { throw unsupported("a class that is not closed") }
            if scalar == "]", !isFirst {
                position += 1
                return set
            }
            isFirst = false
            if take("&&") || take("[:") { throw unsupported("an intersection or a named class") }
            if scalar == "[" {
                set.nested.append(try bracketed())
                continue
            }
            let low = try member()
            guard let first = low.single, next == "-", position + 1 < scalars.count,
                scalars[position + 1] != "]"
            else {
                add(low, to: &set)
                continue
            }
            position += 1
            guard let last = try member().single, last >= first else {
                throw unsupported("a range out of order")
            }
            set.ranges.append(first...last)
        }
    }

    private mutating func member() throws(RegexError) -> CharacterSet {
        guard let scalar = next else { throw unsupported("a class that is not closed") }
        if scalar == "\\" { return try escape() }
        position += 1
        return CharacterSet(scalar.value)
    }

    private func add(_ member: CharacterSet, to set: inout CharacterSet) {
        if member.isNegated {
            set.nested.append(member)
        } else {
            set.ranges += member.ranges
            set.categories.formUnion(member.categories)
            set.otherThan += member.otherThan
        }
    }

    mutating func escape() throws(RegexError) -> CharacterSet {
        position += 1
        guard let scalar = next else { throw unsupported("a backslash at the end") }
        position += 1
        func categories(_ mask: Categories.Mask, isNegated: Bool) -> CharacterSet {
            var set = CharacterSet()
            if isNegated { set.otherThan = [mask] } else { set.categories = mask }
            return set
        }
        switch scalar {
        case "n": return CharacterSet(0x0A)
        case "r": return CharacterSet(0x0D)
        case "t": return CharacterSet(0x09)
        case "f": return CharacterSet(0x0C)
        case "v": return CharacterSet(0x0B)
        case "s", "S": return categories(.space, isNegated: scalar == "S")
        case "w", "W": return categories(.word, isNegated: scalar == "W")
        case "d", "D": return categories(.init(named: "Nd"), isNegated: scalar == "D")
        case "p", "P":
            guard take("{") else { throw unsupported("\\\(scalar) without braces") }
            let isNegated = take("^") != (scalar == "P")
            let start = position
            while let scalar = next, scalar != "}" { position += 1 }
            var name = String.UnicodeScalarView()
            name.append(contentsOf: scalars[start..<position])
            let mask = Categories.Mask(named: String(name))
            guard take("}"), 1...2 ~= name.count, !mask.isEmpty else {
                throw unsupported("the property \"\(String(name))\"")
            }
            return categories(mask, isNegated: isNegated)
        case "x", "u":
            let isBraced = scalar == "x" && take("{")
            let digits = isBraced ? 8 : scalar == "x" ? 2 : 4
            var value: UInt32 = 0
            var count = 0
            while count < digits, let digit = next.flatMap({ UInt32(String($0), radix: 16) }) {
                value = value << 4 | digit
                position += 1
                count += 1
            }
            guard count > 0, isBraced ? take("}") : count == digits, Unicode.Scalar(value) != nil else {
                throw unsupported("a code point")
            }
            return CharacterSet(value)
        default:
            guard !(scalar.isASCII && scalar.properties.isAlphabetic), !("0"..."9" ~= scalar) else {
                throw unsupported("\\\(scalar)")
            }
            return CharacterSet(scalar.value)
        }
    }
}

extension CharacterSet {
    /// `\w` outside of brackets: Oniguruma takes the superscripts and fractions of Latin-1 for word
    /// characters there.
    static func word(isNegated: Bool) -> CharacterSet {
        var set = CharacterSet()
        set.categories = .word
        set.ranges = [0xB2...0xB3, 0xB9...0xB9, 0xBC...0xBE]
        set.isNegated = isNegated
        return set
    }

    /// The character that the set is, if it is one.
    fileprivate var single: UInt32? {
        let isRange = categories.isEmpty && otherThan.isEmpty && nested.isEmpty && !isNegated
        guard isRange, ranges.count == 1, let range = ranges.first, range.count == 1 else { return nil }
        return range.lowerBound
    }
}
