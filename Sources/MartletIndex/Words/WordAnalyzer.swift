/// Text to the terms of a collection's word index: words, cut to their stems where the language has a
/// stemmer.
///
/// It keeps the words that it has seen, as a stem takes longer than all else that is done with a word: one
/// analyzer serves all segments of a writer.
struct WordAnalyzer {
    private var splitter = WordSplitter()
    private let language: WordLanguage
    /// Words as they are in the text, and for each the number of its term.
    private var words = ByteTable()
    private var termOfWord: [UInt32] = []
    private(set) var terms = ByteTable()
    /// Words kept at most, some 10 MB.
    private static let limit = 1 << 18

    init(_ language: WordLanguage) { self.language = language }

    /// Forgets all words, and the numbers of their terms, where there are too many.
    mutating func forgetMany() {
        if words.count >= Self.limit { self = WordAnalyzer(language) }
    }

    /// The numbers of the terms of a text, in order, appended to `found`.
    mutating func analyze(_ text: UnsafeRawBufferPointer, into found: inout [UInt32]) {
        var splitter = splitter
        splitter.forEachWord(text) { found.append(term(of: $0)) }
        self.splitter = splitter
    }

    /// The terms of a short text as bytes.
    static func terms(of text: String, language: WordLanguage) -> [[UInt8]] {
        var (splitter, text, terms) = (WordSplitter(), text, [[UInt8]]())
        text.withUTF8 {
            splitter.forEachWord(UnsafeRawBufferPointer($0)) { word in
                terms.append(language.cuts(word) ? StemCache.stem(of: word, language) : Array(word))
            }
        }
        return terms
    }

    private mutating func term(of word: UnsafeBufferPointer<UInt8>) -> UInt32 {
        let (index, isNew) = words.insert(word)
        if isNew {
            let term =
                language.cuts(word)
                ? Array(language.stem(String(decoding: word, as: UTF8.self)).utf8) : Array(word)
            termOfWord.append(UInt32(term.withUnsafeBufferPointer { terms.insert($0).index }))
        }
        return termOfWord[index]
    }
}
