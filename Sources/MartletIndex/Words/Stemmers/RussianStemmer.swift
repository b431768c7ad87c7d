/// Russian: https://snowballstem.org/algorithms/russian/stemmer.html
enum RussianStemmer {
    private static let vowels = Set<Unicode.Scalar>("аеиоуыэюя")
    private static let gerund1 = "в вши вшись".listed
    private static let gerund2 = "ив ивши ившись ыв ывши ывшись".listed
    private static let adjective =
        "ее ие ые ое ими ыми ей ий ый ой ем им ым ом его ого ему ому их ых ую юю ая яя ою ею".listed
    private static let participle1 = "ем нн вш ющ щ".listed
    private static let participle2 = "ивш ывш ующ".listed
    private static let verb1 = "ла на ете йте ли й л ем н ло но ет ют ны ть ешь нно".listed
    private static let verb2 =
        "ила ыла ена ейте уйте ите или ыли ей уй ил ыл им ым ен ило ыло ено ят ует уют ит ыт ены ить ыть ишь ую ю"
        .listed
    private static let noun =
        "а ев ов ие ье е иями ями ами еи ии и ией ей ой ий й иям ям ием ем ам ом о у ах иях ях ы ь ию ью ю ия ья я"
        .listed

    static func stem(_ text: String) -> String {
        var word = StemmedWord(text)
        word.replaceAll("ё", "е")
        let first = word.letters.firstIndex { vowels.contains($0) }
        word.rv = first.map { $0 + 1 } ?? word.count
        word.markRegions(vowels)
        if !perfectiveGerund(&word) {
            if let suffix = word.longest(["ся", "сь"], from: word.rv) { word.drop(suffix) }
            if !adjectival(&word), !verb(&word), let suffix = word.longest(noun, from: word.rv) {
                word.drop(suffix)
            }
        }
        word.dropIf("и", from: word.rv)
        if let suffix = word.longest(["ост", "ость"], from: word.rv), word.start(suffix) >= word.r2 {
            word.drop(suffix)
        }
        tidy(&word)
        return word.text
    }

    private static func isAfterAOrYa(_ word: StemmedWord, _ suffix: String) -> Bool {
        guard word.start(suffix) > word.rv, let letter = word.letter(before: suffix) else { return false }
        return letter == "а" || letter == "я"
    }

    private static func perfectiveGerund(_ word: inout StemmedWord) -> Bool {
        guard let suffix = word.longest(gerund1 + gerund2, from: word.rv) else { return false }
        guard gerund2.contains(suffix) || isAfterAOrYa(word, suffix) else { return false }
        word.drop(suffix)
        return true
    }

    private static func adjectival(_ word: inout StemmedWord) -> Bool {
        guard let suffix = word.longest(adjective, from: word.rv) else { return false }
        word.drop(suffix)
        if let end = word.longest(participle1 + participle2, from: word.rv),
            participle2.contains(end) || isAfterAOrYa(word, end)
        {
            word.drop(end)
        }
        return true
    }

    private static func verb(_ word: inout StemmedWord) -> Bool {
        guard let suffix = word.longest(verb1 + verb2, from: word.rv) else { return false }
        guard verb2.contains(suffix) || isAfterAOrYa(word, suffix) else { return false }
        word.drop(suffix)
        return true
    }

    private static func tidy(_ word: inout StemmedWord) {
        guard let suffix = word.longest("ейш ейше нн ь".listed + ["н"], from: word.rv) else { return }
        switch suffix {
        case "ейш", "ейше":
            word.drop(suffix)
            if word.hasSuffix("нн", from: word.rv) { word.drop("н") }
        case "нн": word.drop("н")
        case "ь": word.drop(suffix)
        default: break
        }
    }
}
