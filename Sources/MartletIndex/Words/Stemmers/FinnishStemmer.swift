/// Finnish: https://snowballstem.org/algorithms/finnish/stemmer.html
///
/// The rules for an apostrophe before an ending are left out: texts are split into words there.
enum FinnishStemmer {
    private static let vowels = Set<Unicode.Scalar>("aeiouyäö")
    private static let consonants = Set<Unicode.Scalar>("bcdfghjklmnpqrstvwxz")
    private static let longVowels = "aa ee ii oo uu ää öö".listed
    private static let diphthongs = "ai ei ii oi ui äi öi".listed

    private static let particles = "kin kaan kään ko kö han hän pa pä sti".listed
    private static let afterParticle = vowels.union("nt".unicodeScalars)
    private static let possessives = "si ni nsa nsä mme nne an än en".listed
    /// The case endings that a vowel of a possessive ending may follow.
    private static let casesBeforePossessive = [
        "an": "ta ssa sta lla lta na".listed, "än": "tä ssä stä llä ltä nä".listed, "en": "lle ine".listed,
    ]
    /// Endings in -n and what precedes each of them in R1; what precedes stays.
    private static let casesInN: [(ending: String, precededBy: [String])] = [
        ("han", ["a"]), ("hen", ["e"]), ("hin", ["i"]), ("hon", ["o"]), ("hun", ["u"]), ("hän", ["ä"]),
        ("hön", ["ö", "ø"]), ("siin", diphthongs), ("seen", longVowels), ("den", diphthongs),
        ("tten", diphthongs),
    ]
    private static let otherCases = "a ä tta ttä ta tä ssa ssä sta stä lla llä lta ltä lle na nä ksi ine"
        .listed
    private static let comparatives = "mpi mpa mpä mmi mma mmä".listed
    private static let otherEndings = comparatives + "impi impa impä immi imma immä eja ejä".listed

    static func stem(_ text: String) -> String {
        var word = StemmedWord(text)
        word.markRegions(vowels)
        dropParticle(&word)
        dropPossessive(&word)
        let hadCase = dropCase(&word)
        dropOthers(otherEndings, &word)
        if hadCase {
            if let ending = word.longest(["i", "j"], from: word.r1) { word.drop(ending) }
        } else {
            dropPluralT(&word)
        }
        tidy(&word)
        undouble(&word)
        return word.text
    }

    private static func dropParticle(_ word: inout StemmedWord) {
        guard let particle = word.longest(particles, from: word.r1) else { return }
        if particle == "sti" {
            if word.start(particle) >= word.r2 { word.drop(particle) }
        } else if let letter = word.letter(before: particle), afterParticle.contains(letter) {
            word.drop(particle)
        }
    }

    private static func dropPossessive(_ word: inout StemmedWord) {
        guard let ending = word.longest(possessives, from: word.r1) else { return }
        switch ending {
        // After k it is the ending of a case, -ksi.
        case "si": if word.letter(before: ending) != "k" { word.drop(ending) }
        case "ni":
            word.drop(ending)
            if word.hasSuffix("kse") { word.replace("kse", "ksi") }
        default:
            if let cases = casesBeforePossessive[ending], word.longest(cases.map { $0 + ending }) == nil {
                return
            }
            word.drop(ending)
        }
    }

    /// Whether there was one.
    private static func dropCase(_ word: inout StemmedWord) -> Bool {
        if word.hasSuffix("n", from: word.r1) {
            dropCaseInN(&word)
            return true
        }
        guard let ending = word.longest(otherCases, from: word.r1) else { return false }
        switch ending {
        case "a", "ä":
            guard let last = word.letter(before: ending), vowels.contains(last), word.count >= 3,
                consonants.contains(word.letters[word.count - 3])
            else { return false }
        case "tta", "ttä": guard word.letter(before: ending) == "e" else { return false }
        default: break
        }
        word.drop(ending)
        return true
    }

    /// Drops the illative or the genitive; with -n alone also the second letter of a long vowel or of `ie`.
    private static func dropCaseInN(_ word: inout StemmedWord) {
        for (ending, precededBy) in casesInN
        where word.longest(precededBy.map { $0 + ending }, from: word.r1) != nil {
            word.drop(ending)
            return
        }
        word.drop("n")
        if word.longest(longVowels + ["ie"]) != nil { word.letters.removeLast() }
    }

    /// Drops one of the endings in R2; those of a comparative stay after `po`.
    private static func dropOthers(_ endings: [String], _ word: inout StemmedWord) {
        guard let ending = word.longest(endings, from: word.r2) else { return }
        if comparatives.contains(ending), word.hasSuffix("po" + ending) { return }
        word.drop(ending)
    }

    private static func dropPluralT(_ word: inout StemmedWord) {
        guard word.hasSuffix("t", from: word.r1 + 1), let letter = word.letter(before: "t"),
            vowels.contains(letter)
        else { return }
        word.drop("t")
        dropOthers(["mma", "imma"], &word)
    }

    /// Cuts what the steps left at the end of R1.
    private static func tidy(_ word: inout StemmedWord) {
        if word.longest(longVowels, from: word.r1) != nil { word.letters.removeLast() }
        if word.longest("a ä e i".listed, from: word.r1 + 1) != nil,
            consonants.contains(word.letters[word.count - 2])
        {
            word.letters.removeLast()
        }
        if word.longest(["oj", "uj"], from: word.r1) != nil { word.letters.removeLast() }
        if word.hasSuffix("jo", from: word.r1) { word.letters.removeLast() }
    }

    /// The last consonant becomes a single one, as it is in the weak form of a stem.
    private static func undouble(_ word: inout StemmedWord) {
        guard let last = word.letters.lastIndex(where: { !vowels.contains($0) }), last > 0,
            consonants.contains(word.letters[last]), word.letters[last - 1] == word.letters[last]
        else { return }
        word.letters.remove(at: last)
    }
}
