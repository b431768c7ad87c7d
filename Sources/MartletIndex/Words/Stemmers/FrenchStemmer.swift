/// French: https://snowballstem.org/algorithms/french/stemmer.html
enum FrenchStemmer {
    private static let vowels = Set<Unicode.Scalar>("aeiouyâàëéêèïîôûù")
    private static let iVerb =
        """
        îmes ît îtes i ie ies ir ira irai iraIent irais irait iras irent irez iriez irions irons iront is issaIent issais \
        issait issant issante issantes issants isse issent isses issez issiez issions issons it
        """.listed
    private static let eVerb =
        "é ée ées és èrent er era erai eraIent erais erait eras erez eriez erions erons eront ez iez".listed
    private static let aVerb =
        "âmes ât âtes a ai aIent ais ait ant ante antes ants as asse assent asses assiez assions".listed

    static func stem(_ text: String) -> String {
        var word = StemmedWord(text)
        mark(&word)
        regions(&word)
        var isDone = standardSuffix(&word)
        if !isDone { isDone = iVerbs(&word) || otherVerbs(&word) }
        if isDone {
            if word.hasSuffix("Y") {
                word.replace("Y", "i")
            } else if word.hasSuffix("ç") {
                word.replace("ç", "c")
            }
        } else {
            residual(&word)
        }
        if word.longest("enn onn ett ell eill".listed) != nil { word.letters.removeLast() }
        unaccent(&word)
        return unmarked(word)
    }

    /// Without the marks: `He` and `Hi` are ë and ï, capitals are small, and another H goes.
    private static func unmarked(_ word: StemmedWord) -> String {
        let small: [Unicode.Scalar: Unicode.Scalar] = ["I": "i", "U": "u", "Y": "y"]
        var text = String.UnicodeScalarView()
        for (index, letter) in word.letters.enumerated() where letter != "H" {
            let isMarked = index > 0 && word.letters[index - 1] == "H"
            switch letter {
            case "e" where isMarked: text.append("ë")
            case "i" where isMarked: text.append("ï")
            default: text.append(small[letter] ?? letter)
            }
        }
        return String(text)
    }

    /// Vowels that are consonants where they are get capitals; ë and ï get an H before them.
    private static func mark(_ word: inout StemmedWord) {
        var letters = word.letters
        var index = 0
        while index < letters.count {
            let letter = letters[index]
            let isAfterVowel = index > 0 && vowels.contains(letters[index - 1])
            let isBeforeVowel = index + 1 < letters.count && vowels.contains(letters[index + 1])
            switch letter {
            case "u" where isAfterVowel && isBeforeVowel: letters[index] = "U"
            case "i" where isAfterVowel && isBeforeVowel: letters[index] = "I"
            case "y" where isAfterVowel || isBeforeVowel: letters[index] = "Y"
            case "u" where index > 0 && letters[index - 1] == "q": letters[index] = "U"
            case "ë", "ï":
                letters[index] = letter == "ë" ? "e" : "i"
                letters.insert("H", at: index)
                index += 1
            default: break
            }
            index += 1
        }
        word.letters = letters
    }

    private static func regions(_ word: inout StemmedWord) {
        word.markRegions(vowels)
        word.rv = word.count
        if word.count >= 3, word.isVowel(0, vowels), word.isVowel(1, vowels) {
            word.rv = 3
        } else if ["par", "col", "tap"].contains(where: { word.letters.starts(with: $0.unicodeScalars) }) {
            word.rv = 3
        } else if let next = word.letters.indices.dropFirst().first(where: { word.isVowel($0, vowels) }) {
            word.rv = next + 1
        }
    }

    private static func standardSuffix(_ word: inout StemmedWord) -> Bool {
        let plain = "ance iqUe isme able iste eux ances iqUes ismes ables istes".listed
        let ation = "atrice ateur ation atrices ateurs ations".listed
        let others =
            """
            logie logies usion ution usions utions ence ences ement ements ité ités if ive ifs ives eaux aux euse euses \
            issement issements amment emment ment ments
            """.listed
        guard let suffix = word.longest(plain + ation + others) else { return false }
        let start = word.start(suffix)
        switch suffix {
        case "logie", "logies":
            guard start >= word.r2 else { return false }
            word.replace(suffix, "log")
        case "usion", "ution", "usions", "utions":
            guard start >= word.r2 else { return false }
            word.replace(suffix, "u")
        case "ence", "ences":
            guard start >= word.r2 else { return false }
            word.replace(suffix, "ent")
        case "ement", "ements":
            guard start >= word.rv else { return false }
            word.drop(suffix)
            afterEment(&word)
        case "ité", "ités":
            guard start >= word.r2 else { return false }
            word.drop(suffix)
            if word.hasSuffix("abil") {
                if word.hasSuffix("abil", from: word.r2) {
                    word.drop("abil")
                } else {
                    word.replace("abil", "abl")
                }
            } else if word.hasSuffix("ic") {
                if word.hasSuffix("ic", from: word.r2) { word.drop("ic") } else { word.replace("ic", "iqU") }
            } else {
                word.dropIf("iv", from: word.r2)
            }
        case "if", "ive", "ifs", "ives":
            guard start >= word.r2 else { return false }
            word.drop(suffix)
            if word.dropIf("at", from: word.r2), word.hasSuffix("ic") {
                if word.hasSuffix("ic", from: word.r2) { word.drop("ic") } else { word.replace("ic", "iqU") }
            }
        case "eaux": word.replace(suffix, "eau")
        case "aux":
            guard start >= word.r1 else { return false }
            word.replace(suffix, "al")
        case "euse", "euses":
            if start >= word.r2 {
                word.drop(suffix)
            } else if start >= word.r1 {
                word.replace(suffix, "eux")
            } else {
                return false
            }
        case "issement", "issements":
            guard start >= word.r1, let letter = word.letter(before: suffix), !vowels.contains(letter) else {
                return false
            }
            word.drop(suffix)
        // An adverb's rest goes through the verb step, too.
        case "amment":
            guard start >= word.rv else { return false }
            word.replace(suffix, "ant")
            return false
        case "emment":
            guard start >= word.rv else { return false }
            word.replace(suffix, "ent")
            return false
        case "ment", "ments":
            guard start > word.rv, let letter = word.letter(before: suffix), vowels.contains(letter) else {
                return false
            }
            word.drop(suffix)
            return false
        default:
            guard start >= word.r2 else { return false }
            word.drop(suffix)
            if ation.contains(suffix), word.hasSuffix("ic") {
                if word.hasSuffix("ic", from: word.r2) { word.drop("ic") } else { word.replace("ic", "iqU") }
            }
        }
        return true
    }

    private static func afterEment(_ word: inout StemmedWord) {
        if word.hasSuffix("iv") {
            if word.dropIf("iv", from: word.r2) { word.dropIf("at", from: word.r2) }
        } else if word.hasSuffix("eus") {
            if word.hasSuffix("eus", from: word.r2) {
                word.drop("eus")
            } else if word.hasSuffix("eus", from: word.r1) {
                word.replace("eus", "eux")
            }
        } else if let end = word.longest(["abl", "iqU"]) {
            if word.start(end) >= word.r2 { word.drop(end) }
        } else if let end = word.longest(["ièr", "Ièr"]) {
            if word.start(end) >= word.rv { word.replace(end, "i") }
        }
    }

    private static func iVerbs(_ word: inout StemmedWord) -> Bool {
        guard let suffix = word.longest(iVerb, from: word.rv), word.start(suffix) > word.rv,
            let letter = word.letter(before: suffix), !vowels.contains(letter), letter != "H"
        else { return false }
        word.drop(suffix)
        return true
    }

    private static func otherVerbs(_ word: inout StemmedWord) -> Bool {
        guard let suffix = word.longest(eVerb + aVerb + ["ions"], from: word.rv) else { return false }
        if suffix == "ions" {
            guard word.start(suffix) >= word.r2 else { return false }
            word.drop(suffix)
        } else {
            word.drop(suffix)
            if aVerb.contains(suffix) { word.dropIf("e", from: word.rv) }
        }
        return true
    }

    private static func residual(_ word: inout StemmedWord) {
        if word.hasSuffix("s") {
            let before = word.letter(before: "s")
            let isAfterHi = word.count >= 3 && word.hasSuffix("His")
            if isAfterHi || !(before.map { "aiouès".unicodeScalars.contains($0) } ?? true) { word.drop("s") }
        }
        guard let suffix = word.longest("ion ier ière Ier Ière e".listed, from: word.rv) else { return }
        switch suffix {
        case "ion":
            let before = word.letter(before: suffix)
            if word.start(suffix) >= word.r2, word.start(suffix) > word.rv, before == "s" || before == "t" {
                word.drop(suffix)
            }
        case "e": word.drop(suffix)
        default: word.replace(suffix, "i")
        }
    }

    /// é and è before the last consonants are e.
    private static func unaccent(_ word: inout StemmedWord) {
        var index = word.count - 1
        while index >= 0, !vowels.contains(word.letters[index]) { index -= 1 }
        guard index >= 0, index < word.count - 1, word.letters[index] == "é" || word.letters[index] == "è"
        else {
            return
        }
        word.letters[index] = "e"
    }
}
