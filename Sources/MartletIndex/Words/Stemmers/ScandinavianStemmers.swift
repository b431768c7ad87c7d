/// Swedish, Norwegian (Bokmål) and Danish: https://snowballstem.org/algorithms/swedish/stemmer.html and so on.
enum ScandinavianStemmers {
    /// R1, with at least three letters before it.
    private static func marked(_ word: String, _ vowels: Set<Unicode.Scalar>) -> StemmedWord {
        var word = StemmedWord(word)
        word.r1 = word.count
        if word.count >= 3 { word.r1 = min(word.count, max(3, word.region(from: 0, vowels))) }
        return word
    }

    // MARK: Swedish

    private static let swedishVowels = Set<Unicode.Scalar>("aeiouyåäö")
    private static let swedishMain =
        "a arna erna heterna orna ad e ade ande arne are aste en anden aren heten ern ar er heter or as arnas ernas ornas es ades andes ens arens hetens erns at andet het ast s"
        .listed
    private static let swedishS = Set<Unicode.Scalar>("bcdfghjklmnoprtvy")

    static func swedish(_ text: String) -> String {
        var word = marked(text, swedishVowels)
        if let suffix = word.longest(swedishMain, from: word.r1) {
            if suffix != "s" {
                word.drop(suffix)
            } else if let letter = word.letter(before: "s"), swedishS.contains(letter) {
                word.drop("s")
            }
        }
        if word.longest("dd gd nn dt gt kt tt".listed, from: word.r1) != nil { word.letters.removeLast() }
        if let suffix = word.longest("lig ig els löst fullt".listed, from: word.r1) {
            switch suffix {
            case "löst": word.replace(suffix, "lös")
            case "fullt": word.replace(suffix, "full")
            default: word.drop(suffix)
            }
        }
        return word.text
    }

    // MARK: Norwegian

    private static let norwegianVowels = Set<Unicode.Scalar>("aeiouyæåø")
    private static let norwegianMain =
        "a e ede ande ende ane ene hetene en heten ar er heter as es edes endes enes hetenes ens hetens ers ets et het ast s erte ert"
        .listed
    private static let norwegianS = Set<Unicode.Scalar>("bcdfghjlmnoprtvyz")

    static func norwegian(_ text: String) -> String {
        var word = marked(text, norwegianVowels)
        if let suffix = word.longest(norwegianMain, from: word.r1) {
            switch suffix {
            case "s":
                guard let letter = word.letter(before: "s") else { break }
                let start = word.count - 2
                let isAfterConsonantK =
                    letter == "k" && start > 0 && !word.isVowel(start - 1, norwegianVowels)
                if norwegianS.contains(letter) || isAfterConsonantK { word.drop("s") }
            case "erte", "ert": word.replace(suffix, "er")
            default: word.drop(suffix)
            }
        }
        if word.longest(["dt", "vt"], from: word.r1) != nil { word.letters.removeLast() }
        if let suffix = word.longest(
            "leg eleg ig eig lig elig els lov elov slov hetslov".listed, from: word.r1)
        {
            word.drop(suffix)
        }
        return word.text
    }

    // MARK: Danish

    private static let danishVowels = Set<Unicode.Scalar>("aeiouyæåø")
    private static let danishMain =
        "hed ethed ered e erede ende erende ene erne ere en heden eren er heder erer heds es endes erendes enes ernes eres ens hedens erens ers ets erets et eret s"
        .listed
    private static let danishS = Set<Unicode.Scalar>("abcdfghjklmnoprtvyzå")

    static func danish(_ text: String) -> String {
        var word = marked(text, danishVowels)
        if let suffix = word.longest(danishMain, from: word.r1) {
            if suffix != "s" {
                word.drop(suffix)
            } else if let letter = word.letter(before: "s"), danishS.contains(letter) {
                word.drop("s")
            }
        }
        dropConsonant(&word)
        if word.hasSuffix("igst") { word.drop("st") }
        if let suffix = word.longest("ig lig elig els løst".listed, from: word.r1) {
            if suffix == "løst" {
                word.replace(suffix, "løs")
            } else {
                word.drop(suffix)
                dropConsonant(&word)
            }
        }
        // One of two like consonants.
        if word.count > word.r1, word.count >= 2, let last = word.letters.last, !danishVowels.contains(last),
            word.letters[word.count - 2] == last
        {
            word.letters.removeLast()
        }
        return word.text
    }

    private static func dropConsonant(_ word: inout StemmedWord) {
        if word.longest("gd dt gt kt".listed, from: word.r1) != nil { word.letters.removeLast() }
    }
}
