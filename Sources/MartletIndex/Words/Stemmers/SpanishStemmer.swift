/// Spanish: https://snowballstem.org/algorithms/spanish/stemmer.html
enum SpanishStemmer {
    private static let vowels = Set<Unicode.Scalar>("aeiouáéíóúü")
    private static let pronouns = "me se sela selo selas selos la le lo las les los nos".listed
    private static let verbY = "ya ye yan yen yeron yendo yo yó yas yes yais yamos".listed
    private static let verbE = "en es éis emos".listed
    private static let verb =
        """
        arían arías arán arás aríais aría aréis aríamos aremos ará aré erían erías erán erás eríais ería eréis \
        eríamos eremos erá eré irían irías irán irás iríais iría iréis iríamos iremos irá iré aba ada ida ía ara iera \
        ad ed id ase iese aste iste an aban ían aran ieran asen iesen aron ieron ado ido ando iendo ió ar er ir as \
        abas adas idas ías aras ieras ases ieses ís áis abais íais arais ierais aseis ieseis asteis isteis ados idos \
        amos ábamos íamos imos áramos iéramos iésemos ásemos
        """.listed

    static func stem(_ text: String) -> String {
        var word = StemmedWord(text)
        word.markRegions(vowels)
        word.markRV(vowels)
        dropPronoun(&word)
        if !standardSuffix(&word), !verbWithY(&word) { otherVerb(&word) }
        residual(&word)
        let plain: [Unicode.Scalar: Unicode.Scalar] = ["á": "a", "é": "e", "í": "i", "ó": "o", "ú": "u"]
        for index in word.letters.indices {
            word.letters[index] = plain[word.letters[index]] ?? word.letters[index]
        }
        return word.text
    }

    private static func dropPronoun(_ word: inout StemmedWord) {
        guard let pronoun = word.longest(pronouns, from: 0) else { return }
        var rest = word
        rest.drop(pronoun)
        let accented = ["iéndo": "iendo", "ándo": "ando", "ár": "ar", "ér": "er", "ír": "ir"]
        if let end = rest.longest(Array(accented.keys) + ["ando", "iendo", "ar", "er", "ir", "yendo"]),
            rest.start(end) >= rest.rv
        {
            if let plain = accented[end] {
                rest.replace(end, plain)
            } else if end == "yendo", rest.letter(before: end) != "u" {
                return
            }
            word = rest
        }
    }

    private static func standardSuffix(_ word: inout StemmedWord) -> Bool {
        let plain =
            "anza anzas ico ica icos icas ismo ismos able ables ible ibles ista istas oso osa osos osas amiento amientos imiento imientos"
            .listed
        let acion = "adora ador ación adoras adores aciones ante antes ancia ancias".listed
        let others = "logía logías ución uciones encia encias amente mente idad idades iva ivo ivas ivos"
            .listed
        guard let suffix = word.longest(plain + acion + others) else { return false }
        let start = word.start(suffix)
        if suffix == "amente" {
            guard start >= word.r1 else { return false }
            word.drop(suffix)
            if word.dropIf("iv", from: word.r2) {
                word.dropIf("at", from: word.r2)
            } else if let end = word.longest(["os", "ic", "ad"]), word.start(end) >= word.r2 {
                word.drop(end)
            }
            return true
        }
        guard start >= word.r2 else { return false }
        switch suffix {
        case "logía", "logías": word.replace(suffix, "log")
        case "ución", "uciones": word.replace(suffix, "u")
        case "encia", "encias": word.replace(suffix, "ente")
        case "mente":
            word.drop(suffix)
            if let end = word.longest(["ante", "able", "ible"]), word.start(end) >= word.r2 {
                word.drop(end)
            }
        case "idad", "idades":
            word.drop(suffix)
            if let end = word.longest(["abil", "ic", "iv"]), word.start(end) >= word.r2 { word.drop(end) }
        case "iva", "ivo", "ivas", "ivos":
            word.drop(suffix)
            word.dropIf("at", from: word.r2)
        default:
            word.drop(suffix)
            if acion.contains(suffix) { word.dropIf("ic", from: word.r2) }
        }
        return true
    }

    private static func verbWithY(_ word: inout StemmedWord) -> Bool {
        guard let suffix = word.longest(verbY, from: word.rv), word.letter(before: suffix) == "u" else {
            return false
        }
        word.drop(suffix)
        return true
    }

    private static func otherVerb(_ word: inout StemmedWord) {
        guard let suffix = word.longest(verb + verbE, from: word.rv) else { return }
        word.drop(suffix)
        if verbE.contains(suffix), word.hasSuffix("gu") { word.drop("u") }
    }

    private static func residual(_ word: inout StemmedWord) {
        guard let suffix = word.longest("os a o á í ó e é".listed, from: word.rv) else { return }
        word.drop(suffix)
        if suffix == "e" || suffix == "é", word.hasSuffix("gu"), word.hasSuffix("u", from: word.rv) {
            word.drop("u")
        }
    }
}
