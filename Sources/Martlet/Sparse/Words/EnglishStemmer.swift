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

    private static func isVowel(_ letter: Unicode.Scalar) -> Bool {
        switch letter {
        case "a", "e", "i", "o", "u", "y": true
        default: false
        }
    }

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

    private func ends(in letters: Letters) -> Bool {
        guard letters.count <= word.count else { return false }
        var index = word.count
        for letter in letters.reversed() {
            index -= 1
            if word[index] != letter { return false }
        }
        return true
    }

    /// The longest of the endings that the word has.
    private func longest(_ endings: Endings) -> String? {
        endings.all.first { ends(in: $0.letters) }?.text
    }

    private func start(_ ending: String) -> Int { word.count - ending.unicodeScalars.count }

    private mutating func replace(_ ending: String, by other: String) {
        word.removeLast(ending.unicodeScalars.count)
        word += other.unicodeScalars
    }

    /// Endings, the longest first.
    private struct Endings {
        let all: [(text: String, letters: Letters)]

        init(_ texts: [String]) {
            all = texts.map { ($0, Letters($0.unicodeScalars)) }.sorted {
                $0.letters.count > $1.letters.count
            }
        }
    }

    private static let possessives = Endings(["'", "'s", "'s'"])
    private static let plurals = Endings(["sses", "ied", "ies", "s", "us", "ss"])
    private static let pasts = Endings(["eed", "eedly", "ed", "edly", "ing", "ingly"])
    private static let incomplete = Endings(["at", "bl", "iz"])
    private static let doubles = Endings(["bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt"])
    private static let secondEndings = Endings(Array(second.keys) + ["ogi", "li"])
    private static let thirdEndings = Endings(Array(third.keys) + ["ative"])
    private static let fourthEndings = Endings(fourth)

    // MARK: Steps

    private mutating func step0and1a() {
        if let ending = longest(Self.possessives) { replace(ending, by: "") }
        guard let ending = longest(Self.plurals) else { return }
        switch ending {
        case "sses": replace(ending, by: "ss")
        case "ied", "ies": replace(ending, by: start(ending) > 1 ? "i" : "ie")
        case "s" where word.dropLast(2).contains(where: Self.isVowel): replace(ending, by: "")
        default: break
        }
    }

    private mutating func step1b() {
        guard let ending = longest(Self.pasts) else { return }
        if ending.hasPrefix("ee") {
            if start(ending) >= r1 { replace(ending, by: "ee") }
            return
        }
        guard word[..<start(ending)].contains(where: Self.isVowel) else { return }
        replace(ending, by: "")
        if longest(Self.incomplete) != nil {
            word.append("e")
        } else if longest(Self.doubles) != nil {
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
        guard let ending = longest(Self.secondEndings), start(ending) >= r1 else {
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
        guard let ending = longest(Self.thirdEndings), start(ending) >= r1 else { return }
        if ending != "ative" { return replace(ending, by: Self.third[ending] ?? "") }
        if start(ending) >= r2 { replace(ending, by: "") }
    }

    private mutating func step4() {
        guard let ending = longest(Self.fourthEndings), start(ending) >= r2 else { return }
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
