internal import MartletSystem

/// The stem of an English word: Porter's second algorithm, as Snowball defines it
/// (https://snowballstem.org/algorithms/english/stemmer.html, the definition before version 3).
package struct EnglishStemmer {
    private typealias Letters = [Unicode.Scalar]
    private var word: Letters
    /// Where the regions R1 and R2 begin.
    private var r1 = 0
    private var r2 = 0

    /// - Parameter word: In lower case.
    package static func stem(_ word: String) -> String {
        if let known = exceptions[word] { return known }
        let letters = Letters(word.unicodeScalars)
        guard letters.count > 2 else { return word }
        var stemmer = EnglishStemmer(letters)
        stemmer.run()
        return String(scalars: stemmer.word.map { $0 == "Y" ? "y" : $0 })
    }

    /// A `y` that is no vowel is written `Y`: at the beginning, and after a vowel.
    private init(_ letters: Letters) {
        word = letters
        if word.first == "'" { word.removeFirst() }
        for index in word.indices where word[index] == "y" && (index == 0 || Self.isVowel(word[index - 1])) {
            word[index] = "Y"
        }
        r1 = word.count
        r2 = word.count
        let prefix = Self.prefixes.first { word.starts(with: $0.unicodeScalars) }
        r1 = prefix.map(\.unicodeScalars.count) ?? region(from: 0)
        r2 = region(from: r1)
    }

    private mutating func run() {
        step0and1a()
        guard !Self.unchanged.contains(where: { word.elementsEqual($0.unicodeScalars) }) else { return }
        step1b()
        step1c()
        step2()
        step3()
        step4()
        step5()
    }

    // MARK: Letters and regions

    private static func isVowel(_ letter: Unicode.Scalar) -> Bool { "aeiouy".unicodeScalars.contains(letter) }

    /// After the first letter that is no vowel and follows a vowel.
    private func region(from start: Int) -> Int {
        guard let vowel = word[start...].firstIndex(where: Self.isVowel),
            let other = word[vowel...].firstIndex(where: { !Self.isVowel($0) })
        else { return word.count }
        return other + 1
    }

    /// Whether what ends at `end` ends in a short syllable: a vowel between two other letters, of which the
    /// last is none of w, x and Y, or a vowel at the beginning and another letter.
    private func endsShort(_ end: Int) -> Bool {
        if end == 2 { return Self.isVowel(word[0]) && !Self.isVowel(word[1]) }
        guard end > 2 else { return false }
        return !Self.isVowel(word[end - 3]) && Self.isVowel(word[end - 2]) && !Self.isVowel(word[end - 1])
            && !"wxY".unicodeScalars.contains(word[end - 1])
    }

    private func ends(_ suffix: String) -> Bool {
        var index = word.count
        for scalar in suffix.unicodeScalars.reversed() {
            index -= 1
            guard index >= 0, word[index] == scalar else { return false }
        }
        return true
    }

    /// The longest of the endings that the word has.
    private func longest(_ endings: [String]) -> String? {
        endings.filter(ends).max { $0.unicodeScalars.count < $1.unicodeScalars.count }
    }

    private func start(_ ending: String) -> Int { word.count - ending.unicodeScalars.count }

    private mutating func replace(_ ending: String, by other: String) {
        word.removeLast(ending.unicodeScalars.count)
        word += other.unicodeScalars
    }

    // MARK: Steps

    private mutating func step0and1a() {
        if let ending = longest(["'", "'s", "'s'"]) { replace(ending, by: "") }
        guard let ending = longest(["sses", "ied", "ies", "s", "us", "ss"]) else { return }
        switch ending {
        case "sses": replace(ending, by: "ss")
        case "ied", "ies": replace(ending, by: start(ending) > 1 ? "i" : "ie")
        case "s" where word.dropLast(2).contains(where: Self.isVowel): replace(ending, by: "")
        default: break
        }
    }

    private mutating func step1b() {
        guard let ending = longest(["eed", "eedly", "ed", "edly", "ing", "ingly"]) else { return }
        if ending.hasPrefix("ee") {
            if start(ending) >= r1 { replace(ending, by: "ee") }
            return
        }
        guard word[..<start(ending)].contains(where: Self.isVowel) else { return }
        replace(ending, by: "")
        if longest(["at", "bl", "iz"]) != nil {
            word.append("e")
        } else if longest(["bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt"]) != nil {
            word.removeLast()
        } else if word.count == r1, endsShort(word.count) {
            word.append("e")
        }
    }

    private mutating func step1c() {
        guard word.count > 2, word.last == "y" || word.last == "Y", !Self.isVowel(word[word.count - 2]) else {
            return
        }
        replace("y", by: "i")
    }

    private mutating func step2() {
        guard let ending = longest(Array(Self.second.keys) + ["ogi", "li"]), start(ending) >= r1 else {
            return
        }
        let before = start(ending) > 0 ? word[start(ending) - 1] : " "
        switch ending {
        case "ogi": if before == "l" { replace(ending, by: "og") }
        case "li": if "cdeghkmnrt".unicodeScalars.contains(before) { replace(ending, by: "") }
        default: replace(ending, by: Self.second[ending] ?? "")
        }
    }

    private mutating func step3() {
        guard let ending = longest(Array(Self.third.keys) + ["ative"]), start(ending) >= r1 else { return }
        if ending != "ative" { return replace(ending, by: Self.third[ending] ?? "") }
        if start(ending) >= r2 { replace(ending, by: "") }
    }

    private mutating func step4() {
        guard let ending = longest(Self.fourth), start(ending) >= r2 else { return }
        if ending == "ion" {
            let before = start(ending) > 0 ? word[start(ending) - 1] : " "
            guard before == "s" || before == "t" else { return }
        }
        replace(ending, by: "")
    }

    private mutating func step5() {
        let end = word.count - 1
        if word.last == "e" {
            if end >= r2 || (end >= r1 && !endsShort(end)) { word.removeLast() }
        } else if word.last == "l", end >= r2, end > 0, word[end - 1] == "l" {
            word.removeLast()
        }
    }
}
