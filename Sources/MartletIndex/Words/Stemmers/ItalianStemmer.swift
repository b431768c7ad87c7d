/// Italian: https://snowballstem.org/algorithms/italian/stemmer.html
enum ItalianStemmer {
    private static let vowels = Set<Unicode.Scalar>("aeiouàèìòù")
    private static let pronouns =
        """
        ci gli la le li lo mi ne si ti vi sene gliela gliele glieli glielo gliene mela mele meli melo mene tela tele teli \
        telo tene cela cele celi celo cene vela vele veli velo vene
        """.listed
    private static let plain =
        """
        anza anze ico ici ica ice iche ichi ismo ismi abile abili ibile ibili ista iste isti istà istè istì oso osi osa \
        ose mente atrice atrici ante anti
        """.listed
    private static let azione = "azione azioni atore atori".listed
    private static let others =
        "logia logie uzione uzioni usione usioni enza enze amento amenti imento imenti amente ità ivo ivi iva ive"
        .listed
    private static let verb =
        """
        ammo ando ano are arono asse assero assi assimo ata ate ati ato ava avamo avano avate avi avo emmo enda ende endi \
        endo erà erai eranno ere erebbe erebbero erei eremmo eremo ereste eresti erete erò erono essero ete eva evamo evano \
        evate evi evo iamo immo irà irai iranno ire irebbe irebbero irei iremmo iremo ireste iresti irete irò irono \
        isca iscano isce isci isco iscono issero ita ite iti ito iva ivamo ivano ivate ivi ivo ono uta ute uti uto ar ir \
        yamo
        """.listed

    static func stem(_ text: String) -> String {
        let grave: [Unicode.Scalar: Unicode.Scalar] = ["á": "à", "é": "è", "í": "ì", "ó": "ò", "ú": "ù"]
        var word = StemmedWord(text)
        for index in word.letters.indices {
            word.letters[index] = grave[word.letters[index]] ?? word.letters[index]
            if word.letters[index] == "u", index > 0, word.letters[index - 1] == "q" {
                word.letters[index] = "U"
            }
        }
        GermanicStemmers.protect(&word, vowels, ["u": "U", "i": "I"])
        word.markRegions(vowels)
        word.markRV(vowels)
        dropPronoun(&word)
        if !standardSuffix(&word), let suffix = word.longest(verb, from: word.rv) { word.drop(suffix) }
        if let suffix = word.longest("a e i o à è ì ò".listed, from: word.rv) {
            word.drop(suffix)
            word.dropIf("i", from: word.rv)
        }
        if word.longest(["ch", "gh"], from: word.rv) != nil { word.drop("h") }
        word.replaceAll("I", "i")
        word.replaceAll("U", "u")
        return word.text
    }

    private static func dropPronoun(_ word: inout StemmedWord) {
        guard let pronoun = word.longest(pronouns) else { return }
        var rest = word
        rest.drop(pronoun)
        guard let end = rest.longest("ando endo ar er ir".listed, from: rest.rv) else { return }
        if end.count == 2 { rest.letters.append("e") }
        word = rest
    }

    private static func standardSuffix(_ word: inout StemmedWord) -> Bool {
        guard let suffix = word.longest(plain + azione + others) else { return false }
        let start = word.start(suffix)
        switch suffix {
        case "amento", "amenti", "imento", "imenti":
            guard start >= word.rv else { return false }
            word.drop(suffix)
            return true
        case "amente":
            guard start >= word.r1 else { return false }
            word.drop(suffix)
            if word.dropIf("iv", from: word.r2) {
                word.dropIf("at", from: word.r2)
            } else if let end = word.longest(["os", "ic", "abil"]), word.start(end) >= word.r2 {
                word.drop(end)
            }
            return true
        default: break
        }
        guard start >= word.r2 else { return false }
        switch suffix {
        case "logia", "logie": word.replace(suffix, "log")
        case "uzione", "uzioni", "usione", "usioni": word.replace(suffix, "u")
        case "enza", "enze": word.replace(suffix, "ente")
        case "ità":
            word.drop(suffix)
            if let end = word.longest(["abil", "ic", "iv"]), word.start(end) >= word.r2 { word.drop(end) }
        case "ivo", "ivi", "iva", "ive":
            word.drop(suffix)
            if word.dropIf("at", from: word.r2) { word.dropIf("ic", from: word.r2) }
        default:
            word.drop(suffix)
            if azione.contains(suffix) { word.dropIf("ic", from: word.r2) }
        }
        return true
    }
}
