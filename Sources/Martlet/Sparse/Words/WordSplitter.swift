/// Splits text into words as Python's `\w+` does: letters, numbers and `_`; a combining mark is none of them.
enum WordSplitter {
    /// The words of a text, in lower case.
    static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        func end() {
            if !word.isEmpty { words.append(String(word)) }
            word = .init()
        }
        for scalar in lowercased(blanked(text)) {
            if isWord(scalar) { word.append(scalar) } else { end() }
        }
        end()
        return words
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return scalar == "_" || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
                || ("0"..."9").contains(scalar)
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber, .letterNumber,
            .otherNumber:
            return true
        default: return false
        }
    }

    /// What is part of no word goes before case is changed: it may be what a change depends on.
    private static func blanked(_ text: String) -> [Unicode.Scalar] {
        text.unicodeScalars.map { isWord($0) ? $0 : " " }
    }

    /// Lower case as Python has it: a capital sigma at the end of a word has a form of its own.
    private static func lowercased(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(text.count)
        for (index, scalar) in text.enumerated() {
            if scalar.isASCII {
                result.append(
                    ("A"..."Z").contains(scalar) ? Unicode.Scalar(UInt8(scalar.value) + 32) : scalar)
            } else if scalar == "\u{3A3}" {
                let before = text[..<index].last { !$0.properties.isCaseIgnorable }
                let after = text[(index + 1)...].first { !$0.properties.isCaseIgnorable }
                let isFinal = before?.properties.isCased == true && after?.properties.isCased != true
                result.append(isFinal ? "\u{3C2}" : "\u{3C3}")
            } else {
                result.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
            }
        }
        return result
    }
}
