internal import MartletSystem

/// A word while a stemmer cuts it: its letters in lower case, and where its regions begin.
///
/// R1 is what follows the first letter that is no vowel after a vowel; R2 is the R1 of R1 (Porter: Snowball, a
/// language for stemming algorithms, 2001).
struct StemmedWord {
    var letters: [Unicode.Scalar]
    var r1 = 0
    var r2 = 0
    /// RV of the Romance languages and of Russian.
    var rv = 0

    init(_ word: String) { letters = Array(word.unicodeScalars) }

    var count: Int { letters.count }
    var text: String { String(scalars: letters) }

    func isVowel(_ index: Int, _ vowels: Set<Unicode.Scalar>) -> Bool { vowels.contains(letters[index]) }

    /// Where a region like R1 begins, looked for from `start`.
    func region(from start: Int, _ vowels: Set<Unicode.Scalar>) -> Int {
        var index = start
        while index < count, !isVowel(index, vowels) { index += 1 }
        while index < count, isVowel(index, vowels) { index += 1 }
        return min(count, index + 1)
    }

    mutating func markRegions(_ vowels: Set<Unicode.Scalar>) {
        r1 = region(from: 0, vowels)
        r2 = region(from: r1, vowels)
    }

    /// RV of Spanish, Italian, Portuguese and Romanian: after the second letter's next vowel where that letter is
    /// none, after the next consonant where the first two are vowels, else after the third letter.
    mutating func markRV(_ vowels: Set<Unicode.Scalar>) {
        rv = count
        guard count > 2 else { return }
        if !isVowel(1, vowels) {
            var index = 2
            while index < count, !isVowel(index, vowels) { index += 1 }
            if index < count { rv = index + 1 }
        } else if isVowel(0, vowels) {
            var index = 2
            while index < count, isVowel(index, vowels) { index += 1 }
            if index < count { rv = index + 1 }
        } else {
            rv = 3
        }
    }

    func hasSuffix(_ suffix: String, from start: Int = 0) -> Bool {
        let suffix = suffix.unicodeScalars
        return count - suffix.count >= start && letters.suffix(suffix.count).elementsEqual(suffix)
    }

    /// The longest of the suffixes that the word ends with, looked for from `start` on.
    func longest(_ suffixes: [String], from start: Int = 0) -> String? {
        var best: String?
        for suffix in suffixes where hasSuffix(suffix, from: start) {
            if suffix.unicodeScalars.count > best?.unicodeScalars.count ?? -1 { best = suffix }
        }
        return best
    }

    /// Where the suffix begins.
    func start(_ suffix: String) -> Int { count - suffix.unicodeScalars.count }

    mutating func drop(_ suffix: String) { letters.removeLast(suffix.unicodeScalars.count) }

    mutating func replace(_ suffix: String, _ other: String) {
        drop(suffix)
        letters.append(contentsOf: other.unicodeScalars)
    }

    /// Drops the suffix if the word has it from `start` on.
    @discardableResult
    mutating func dropIf(_ suffix: String, from start: Int) -> Bool {
        guard hasSuffix(suffix, from: start) else { return false }
        drop(suffix)
        return true
    }

    /// The letter before a suffix.
    func letter(before suffix: String) -> Unicode.Scalar? {
        let index = start(suffix) - 1
        return index >= 0 ? letters[index] : nil
    }

    mutating func replaceAll(_ letter: Unicode.Scalar, _ other: Unicode.Scalar) {
        for index in letters.indices where letters[index] == letter { letters[index] = other }
    }
}

extension Set<Unicode.Scalar> {
    init(_ letters: String) { self = Set(letters.unicodeScalars) }
}

extension String {
    /// Words of a list.
    var listed: [String] { split(separator: " ").map(String.init) }
}
