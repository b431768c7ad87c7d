/// Hungarian, by Tordai: https://snowballstem.org/algorithms/hungarian/stemmer.html
///
/// It removes the endings of nouns and adjectives: case, owner and number.
enum HungarianStemmer {
    private static let vowels = Set<Unicode.Scalar>("aeiouáéíóöőúüű")
    private static let doubled =
        "bb cc ccs dd ff gg ggy jj kk ll lly mm nn nny pp rr ss ssz tt tty vv zz zzs".listed
    private static let cases =
        """
        ban ben ba be ra re nak nek val vel tól től ról ről ból ből hoz hez höz nál nél ig at et ot öt \
        ért képp képpen kor ul ül vá vé onként enként anként ként en on an ön n t
        """.listed
    private static let specialCases = Step(toA: "án ánként", toE: "én")
    private static let otherCases = Step(dropped: "astul estül stul stül", toA: "ástul", toE: "éstül")
    private static let owned = Step(dropped: "oké öké aké eké ké éi é", toA: "áké áéi", toE: "éké ééi éé")
    private static let singularOwner = Step(
        dropped: "ünk unk nk juk jük uk ük em om am m od ed ad öd d ja je a e o",
        toA: "ánk ájuk ám ád á", toE: "énk éjük ém éd é")
    private static let pluralOwner = Step(
        dropped:
            """
            jaim jeim aim eim im jaid jeid aid eid id jai jei ai ei i jaink jeink aink eink ink jaitok \
            jeitek aitok eitek itek jaik jeik aik eik ik
            """,
        toA: "áim áid ái áink áitok áik", toE: "éim éid éi éink éitek éik")
    private static let plural = Step(dropped: "ök ok ek ak k", toA: "ák", toE: "ék")

    static func stem(_ text: String) -> String {
        var word = StemmedWord(text)
        markR1(&word)
        dropAfterDoubled(["al", "el"], &word)
        dropCase(&word)
        specialCases.cut(&word)
        otherCases.cut(&word)
        dropAfterDoubled(["á", "é"], &word)
        owned.cut(&word)
        singularOwner.cut(&word)
        pluralOwner.cut(&word)
        plural.cut(&word)
        return word.text
    }

    /// R1 follows the first consonant of a word that begins with a vowel, and the first vowel of another.
    private static func markR1(_ word: inout StemmedWord) {
        guard let first = word.letters.first else { return }
        let startsWithVowel = vowels.contains(first)
        let border = word.letters.firstIndex { vowels.contains($0) != startsWithVowel }
        word.r1 = border.map { $0 + 1 } ?? word.count
    }

    /// Drops an ending after a double consonant, and makes that a single one: `kézzel` is `kéz` and `-vel`.
    private static func dropAfterDoubled(_ endings: [String], _ word: inout StemmedWord) {
        guard let ending = word.longest(endings, from: word.r1) else { return }
        var rest = word
        rest.drop(ending)
        guard rest.longest(doubled) != nil else { return }
        rest.letters.remove(at: rest.count - 2)
        word = rest
    }

    private static func dropCase(_ word: inout StemmedWord) {
        guard let ending = word.longest(cases), word.start(ending) >= word.r1 else { return }
        word.drop(ending)
        if word.hasSuffix("á", from: word.r1) {
            word.replace("á", "a")
        } else if word.hasSuffix("é", from: word.r1) {
            word.replace("é", "e")
        }
    }

    /// The endings of a step: those that go, and those whose long vowel stays as a short one.
    private struct Step {
        let toA: [String]
        let toE: [String]
        let all: [String]

        init(dropped: String = "", toA: String, toE: String) {
            self.toA = toA.listed
            self.toE = toE.listed
            all = dropped.listed + self.toA + self.toE
        }

        /// Cuts the longest of them, if the word has it in R1.
        func cut(_ word: inout StemmedWord) {
            guard let ending = word.longest(all), word.start(ending) >= word.r1 else { return }
            word.drop(ending)
            if toA.contains(ending) {
                word.letters.append("a")
            } else if toE.contains(ending) {
                word.letters.append("e")
            }
        }
    }
}
