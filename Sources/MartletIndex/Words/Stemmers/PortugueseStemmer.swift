/// Portuguese: https://snowballstem.org/algorithms/portuguese/stemmer.html
enum PortugueseStemmer {
    private static let vowels = Set<Unicode.Scalar>("aeiouáéíóúâêô")
    private static let plain =
        "eza ezas ico ica icos icas ismo ismos ável ível ista istas oso osa osos osas amento amentos imento imentos adora ador aça~o adoras adores aço~es ante antes ância"
        .listed
    private static let verb =
        """
        ada ida ia aria eria iria ará ara erá era irá ava asse esse isse aste este iste ei arei erei irei am iam ariam \
        eriam iriam aram eram iram avam em arem erem irem assem essem issem ado ido ando endo indo ara~o era~o ira~o ar \
        er ir as adas idas ias arias erias irias arás aras erás eras irás avas es ardes erdes irdes ares eres ires asses \
        esses isses astes estes istes is ais eis íeis aríeis eríeis iríeis áreis areis éreis ereis íreis ireis ásseis \
        ésseis ísseis áveis ados idos ámos amos íamos aríamos eríamos iríamos áramos éramos íramos ávamos emos aremos \
        eremos iremos ássemos êssemos íssemos imos armos ermos irmos eu iu ou ira iras
        """.listed

    static func stem(_ text: String) -> String {
        // A nasal vowel is a vowel and a consonant.
        var word = StemmedWord(
            text.unicodeScalars.reduce(into: "") { $0 += $1 == "ã" ? "a~" : $1 == "õ" ? "o~" : String($1) })
        word.markRegions(vowels)
        word.markRV(vowels)
        if standardSuffix(&word) || verbSuffix(&word) {
            if word.hasSuffix("i", from: word.rv), word.letter(before: "i") == "c" { word.drop("i") }
        } else if let suffix = word.longest("os a i o á í ó".listed, from: word.rv) {
            word.drop(suffix)
        }
        residual(&word)
        let result = word.text
        var scalars = String.UnicodeScalarView()
        for scalar in result.unicodeScalars {
            if scalar == "~", let last = scalars.last, last == "a" || last == "o" {
                scalars.removeLast()
                scalars.append(last == "a" ? "ã" : "õ")
            } else {
                scalars.append(scalar)
            }
        }
        return String(scalars)
    }

    private static func standardSuffix(_ word: inout StemmedWord) -> Bool {
        let others =
            "logia logias uça~o uço~es ência ências amente mente idade idades iva ivo ivas ivos ira iras"
            .listed
        guard let suffix = word.longest(plain + others) else { return false }
        let start = word.start(suffix)
        switch suffix {
        case "amente":
            guard start >= word.r1 else { return false }
            word.drop(suffix)
            if word.dropIf("iv", from: word.r2) {
                word.dropIf("at", from: word.r2)
            } else if let end = word.longest(["os", "ic", "ad"]), word.start(end) >= word.r2 {
                word.drop(end)
            }
            return true
        case "ira", "iras":
            guard start >= word.rv, word.letter(before: suffix) == "e" else { return false }
            word.replace(suffix, "ir")
            return true
        default: break
        }
        guard start >= word.r2 else { return false }
        switch suffix {
        case "logia", "logias": word.replace(suffix, "log")
        case "uça~o", "uço~es": word.replace(suffix, "u")
        case "ência", "ências": word.replace(suffix, "ente")
        case "mente":
            word.drop(suffix)
            if let end = word.longest(["ante", "avel", "ível"]), word.start(end) >= word.r2 {
                word.drop(end)
            }
        case "idade", "idades":
            word.drop(suffix)
            if let end = word.longest(["abil", "ic", "iv"]), word.start(end) >= word.r2 { word.drop(end) }
        case "iva", "ivo", "ivas", "ivos":
            word.drop(suffix)
            word.dropIf("at", from: word.r2)
        default: word.drop(suffix)
        }
        return true
    }

    private static func verbSuffix(_ word: inout StemmedWord) -> Bool {
        guard let suffix = word.longest(verb, from: word.rv) else { return false }
        word.drop(suffix)
        return true
    }

    private static func residual(_ word: inout StemmedWord) {
        guard let suffix = word.longest(["e", "é", "ê", "ç"]) else { return }
        if suffix == "ç" {
            word.replace(suffix, "c")
        } else if word.start(suffix) >= word.rv {
            word.drop(suffix)
            if word.hasSuffix("gu"), word.hasSuffix("u", from: word.rv) {
                word.drop("u")
            } else if word.hasSuffix("ci"), word.hasSuffix("i", from: word.rv) {
                word.drop("i")
            }
        }
    }
}
