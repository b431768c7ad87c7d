/// German and Dutch: https://snowballstem.org/algorithms/german/stemmer.html, dutch by Porter.
enum GermanicStemmers {
    // MARK: German

    private static let germanVowels = Set<Unicode.Scalar>("aeiouyäöü")
    private static let validS = Set<Unicode.Scalar>("bdfghklmnrt")
    private static let validST = Set<Unicode.Scalar>("bdfghklmnt")

    static func german(_ text: String) -> String {
        var word = StemmedWord(text.unicodeScalars.reduce(into: "") { $0 += $1 == "ß" ? "ss" : String($1) })
        protect(&word, germanVowels, ["u": "U", "y": "Y"])
        word.markRegions(germanVowels)
        if word.count >= 3 {
            word.r1 = max(3, word.r1)
        } else {
            (word.r1, word.r2) = (word.count, word.count)
        }
        firstGermanStep(&word)
        if let suffix = word.longest("en er est st".listed, from: word.r1) {
            if suffix != "st" {
                word.drop(suffix)
            } else if let letter = word.letter(before: suffix), validST.contains(letter), word.count >= 6 {
                word.drop(suffix)
            }
        }
        thirdGermanStep(&word)
        for index in word.letters.indices {
            switch word.letters[index] {
            case "U", "ü": word.letters[index] = "u"
            case "Y": word.letters[index] = "y"
            case "ä": word.letters[index] = "a"
            case "ö": word.letters[index] = "o"
            default: break
            }
        }
        return word.text
    }

    private static func firstGermanStep(_ word: inout StemmedWord) {
        guard let suffix = word.longest("em ern er e en es s".listed, from: word.r1) else { return }
        switch suffix {
        case "s":
            if let letter = word.letter(before: "s"), validS.contains(letter) { word.drop("s") }
        case "e", "en", "es":
            word.drop(suffix)
            if word.hasSuffix("niss") { word.drop("s") }
        default: word.drop(suffix)
        }
    }

    private static func thirdGermanStep(_ word: inout StemmedWord) {
        guard let suffix = word.longest("end ung ig ik isch lich heit keit".listed),
            word.start(suffix) >= word.r2
        else { return }
        let before = word.letter(before: suffix)
        switch suffix {
        case "end", "ung":
            word.drop(suffix)
            if word.hasSuffix("ig", from: word.r2), word.letter(before: "ig") != "e" { word.drop("ig") }
        case "ig", "ik", "isch": if before != "e" { word.drop(suffix) }
        case "lich", "heit":
            word.drop(suffix)
            if let end = word.longest(["er", "en"], from: word.r1) { word.drop(end) }
        default:
            word.drop(suffix)
            if let end = word.longest(["lich", "ig"]), word.start(end) >= word.r2 { word.drop(end) }
        }
    }

    /// Letters between vowels that are consonants there get capitals.
    static func protect(
        _ word: inout StemmedWord, _ vowels: Set<Unicode.Scalar>, _ capitals: [Unicode.Scalar: Unicode.Scalar]
    ) {
        for index in word.letters.indices.dropFirst().dropLast() {
            guard let capital = capitals[word.letters[index]], vowels.contains(word.letters[index - 1]),
                vowels.contains(word.letters[index + 1])
            else { continue }
            word.letters[index] = capital
        }
    }

    // MARK: Dutch

    private static let dutchVowels = Set<Unicode.Scalar>("aeiouyè")

    static func dutch(_ text: String) -> String {
        let plain: [Unicode.Scalar: Unicode.Scalar] = [
            "ä": "a", "á": "a", "ë": "e", "é": "e", "ï": "i", "í": "i", "ö": "o", "ó": "o", "ü": "u",
            "ú": "u",
        ]
        var word = StemmedWord(text)
        for index in word.letters.indices {
            word.letters[index] = plain[word.letters[index]] ?? word.letters[index]
        }
        if word.letters.first == "y" { word.letters[0] = "Y" }
        for index in word.letters.indices.dropFirst() where dutchVowels.contains(word.letters[index - 1]) {
            if word.letters[index] == "y" {
                word.letters[index] = "Y"
            } else if word.letters[index] == "i", index + 1 < word.count,
                dutchVowels.contains(word.letters[index + 1])
            {
                word.letters[index] = "I"
            }
        }
        word.markRegions(dutchVowels)
        word.r1 = min(word.count, max(3, word.r1))
        dutchSteps(&word)
        word.replaceAll("Y", "y")
        word.replaceAll("I", "i")
        return word.text
    }

    private static func dutchSteps(_ word: inout StemmedWord) {
        if let suffix = word.longest("heden en ene s se".listed), word.start(suffix) >= word.r1 {
            switch suffix {
            case "heden": word.replace(suffix, "heid")
            case "en", "ene": dropEN(&word, suffix)
            default:
                if let letter = word.letter(before: suffix), !dutchVowels.contains(letter), letter != "j" {
                    word.drop(suffix)
                }
            }
        }
        var droppedE = false
        if word.hasSuffix("e", from: word.r1), let letter = word.letter(before: "e"),
            !dutchVowels.contains(letter)
        {
            word.drop("e")
            droppedE = true
            undouble(&word)
        }
        if word.hasSuffix("heid", from: word.r2), word.letter(before: "heid") != "c" {
            word.drop("heid")
            if word.hasSuffix("en", from: word.r1) { dropEN(&word, "en") }
        }
        if let suffix = word.longest("end ing ig lijk baar bar".listed), word.start(suffix) >= word.r2 {
            switch suffix {
            case "end", "ing":
                word.drop(suffix)
                if word.hasSuffix("ig", from: word.r2), word.letter(before: "ig") != "e" {
                    word.drop("ig")
                } else {
                    undouble(&word)
                }
            case "ig": if word.letter(before: suffix) != "e" { word.drop(suffix) }
            case "lijk":
                word.drop(suffix)
                if word.hasSuffix("e", from: word.r1), let letter = word.letter(before: "e"),
                    !dutchVowels.contains(letter)
                {
                    word.drop("e")
                    undouble(&word)
                }
            case "baar": word.drop(suffix)
            default: if droppedE { word.drop(suffix) }
            }
        }
        // Of two like vowels between consonants one is left.
        let end = word.count - 1
        guard end >= 3, !dutchVowels.contains(word.letters[end]), word.letters[end] != "I",
            word.letters[end - 1] == word.letters[end - 2],
            "aeou".unicodeScalars.contains(word.letters[end - 1]),
            !dutchVowels.contains(word.letters[end - 3])
        else { return }
        word.letters.remove(at: end - 1)
    }

    private static func dropEN(_ word: inout StemmedWord, _ suffix: String) {
        guard word.start(suffix) >= word.r1, let letter = word.letter(before: suffix),
            !dutchVowels.contains(letter)
        else { return }
        var rest = word
        rest.drop(suffix)
        if rest.hasSuffix("gem") { return }
        word = rest
        undouble(&word)
    }

    private static func undouble(_ word: inout StemmedWord) {
        if word.longest(["kk", "dd", "tt"]) != nil { word.letters.removeLast() }
    }
}
