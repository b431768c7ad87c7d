internal import Martlet

extension WordLanguage {
    /// The stem of a word in lower case.
    func stem(_ word: String) -> String {
        switch self {
        case .none: word
        case .danish: ScandinavianStemmers.danish(word)
        case .dutch: GermanicStemmers.dutch(word)
        case .english: EnglishStemmer.stem(word)
        case .finnish: FinnishStemmer.stem(word)
        case .french: FrenchStemmer.stem(word)
        case .german: GermanicStemmers.german(word)
        case .hungarian: HungarianStemmer.stem(word)
        case .italian: ItalianStemmer.stem(word)
        case .norwegian: ScandinavianStemmers.norwegian(word)
        case .portuguese: PortugueseStemmer.stem(word)
        case .romanian: RomanianStemmer.stem(word)
        case .russian: RussianStemmer.stem(word)
        case .spanish: SpanishStemmer.stem(word)
        case .swedish: ScandinavianStemmers.swedish(word)
        }
    }

    /// Whether the stemmer is for such a word: of letters alone, in English of ASCII's, in Russian of others.
    func cuts(_ word: UnsafeBufferPointer<UInt8>) -> Bool {
        switch self {
        case .none: false
        case .english: word.allSatisfy { $0 &- 0x61 < 26 }
        case .russian: word.allSatisfy { $0 >= 0x80 }
        default: word.allSatisfy { $0 &- 0x61 < 26 || $0 >= 0x80 }
        }
    }
}
