/// Romanian, by Porter: https://snowballstem.org/algorithms/romanian/stemmer.html
enum RomanianStemmer {
    private static let vowels = Set<Unicode.Scalar>("aeiouâîă")
    private static let plurals = Replacements([
        ("", "ul ului"), ("a", "aua"), ("e", "ea ele elor"), ("i", "ii iua iei iile iilor ilor ile"),
        ("at", "atei"),
        ("ați", "ație ația"),
    ])
    private static let combined = Replacements([
        ("abil", "abilitate abilitati abilităi abilități"),
        ("ibil", "ibilitate"),
        ("iv", "ivitate ivitati ivităi ivități"),
        (
            "ic",
            """
            icitate icitati icităi icități icator icatori iciv iciva icive icivi icivă ical icala icale \
            icali icală
            """
        ),
        ("at", "ativ ativa ative ativi ativă ațiune atoare ator atori ătoare ător ători"),
        ("it", "itiv itiva itive itivi itivă ițiune itoare itor itori"),
    ])
    private static let standard = Replacements([
        (
            "",
            """
            at ata ată ati ate ut uta ută uti ute it ita ită iti ite ic ica ice ici ică abil abila abile \
            abili abilă ibil ibila ibile ibili ibilă oasa oasă oase os osi oși ant anta ante anti antă ator \
            atori itate itati ităi ități iv iva ive ivi ivă
            """
        ),
        ("ist", "ism isme ist ista iste isti istă iști"),
    ])
    /// Endings of verbs that go after a consonant or u.
    private static let verb =
        """
        are ere ire âre ind ând indu ându eze ească ez ezi ează esc ești ește ăsc ăști ăște am ai au eam eai \
        ea eați eau iam iai ia iați iau ui ași arăm arăți ară uși urăm urăți ură iși irăm irăți iră âi âși \
        ârăm ârăți âră asem aseși ase aserăm aserăți aseră isem iseși ise iserăm iserăți iseră \
        âsem âseși âse âserăm âserăți âseră usem useși use userăm userăți useră
        """.listed
    /// Endings of verbs that go after any letter.
    private static let verbAnywhere =
        "ăm ați em eți im iți âm âți seși serăm serăți seră sei se sesem seseși sese seserăm seserăți seseră"
        .listed
    private static let anyVerb = verb + verbAnywhere

    static func stem(_ text: String) -> String {
        var word = StemmedWord(text)
        // Letters of older character sets, which had no comma below.
        word.replaceAll("ş", "ș")
        word.replaceAll("ţ", "ț")
        GermanicStemmers.protect(&word, vowels, ["u": "U", "i": "I"])
        word.markRegions(vowels)
        word.markRV(vowels)
        // The adjectives in -abil keep it for the next step.
        if !word.hasSuffix("abile") { _ = plurals.apply(to: &word, from: word.r1) }
        if !standardSuffix(&word) { verbSuffix(&word) }
        if let ending = word.longest("a e i ie ă".listed), word.start(ending) >= word.rv { word.drop(ending) }
        word.replaceAll("I", "i")
        word.replaceAll("U", "u")
        return word.text
    }

    /// Whether one was removed.
    private static func standardSuffix(_ word: inout StemmedWord) -> Bool {
        var isRemoved = false
        while combined.apply(to: &word, from: word.r1) { isRemoved = true }
        if let suffix = word.longest(["iune", "iuni"]) {
            guard word.start(suffix) >= word.r2, word.letter(before: suffix) == "ț" else { return isRemoved }
            word.replace("ț" + suffix, "t")
            return true
        }
        return standard.apply(to: &word, from: word.r2) || isRemoved
    }

    private static func verbSuffix(_ word: inout StemmedWord) {
        guard let suffix = word.longest(anyVerb, from: word.rv) else { return }
        if verb.contains(suffix) {
            guard word.start(suffix) > word.rv, let letter = word.letter(before: suffix),
                letter == "u" || !vowels.contains(letter)
            else { return }
        }
        word.drop(suffix)
    }

    /// Suffixes, and what takes the place of each.
    private struct Replacements {
        private let suffixes: [String]
        private let others: [String: String]

        init(_ table: [(other: String, suffixes: String)]) {
            let pairs = table.flatMap { row in row.suffixes.listed.map { ($0, row.other) } }
            suffixes = pairs.map(\.0)
            others = Dictionary(pairs) { first, _ in first }
        }

        /// Replaces the longest suffix that the word has, if it begins at `start` or later.
        /// - Returns: Whether it did.
        func apply(to word: inout StemmedWord, from start: Int) -> Bool {
            guard let suffix = word.longest(suffixes), word.start(suffix) >= start, let other = others[suffix]
            else { return false }
            word.replace(suffix, other)
            return true
        }
    }
}
