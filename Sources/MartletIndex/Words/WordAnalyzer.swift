/// Text to the terms of a collection's word index: words, cut to their stems where the language has a
/// stemmer.
struct WordAnalyzer {
    private var splitter = WordSplitter()
    private let language: WordLanguage
    /// Words as they are in the text, and for each the number of its term.
    private var words = ByteTable()
    private var termOfWord: [UInt32] = []
    private(set) var terms = ByteTable()

    init(_ language: WordLanguage) { self.language = language }

    /// The numbers of the terms of a text, in order, appended to `found`.
    mutating func analyze(_ text: UnsafeRawBufferPointer, into found: inout [UInt32]) {
        var splitter = splitter
        splitter.forEachWord(text) { found.append(term(of: $0)) }
        self.splitter = splitter
    }

    /// The terms of a short text as bytes.
    static func terms(of text: String, language: WordLanguage) -> [[UInt8]] {
        var analyzer = WordAnalyzer(language)
        var found: [UInt32] = []
        var text = text
        text.withUTF8 { analyzer.analyze(UnsafeRawBufferPointer($0), into: &found) }
        return found.map { analyzer.terms.withBytes(Int($0)) { Array($0) } }
    }

    private mutating func term(of word: UnsafeBufferPointer<UInt8>) -> UInt32 {
        let (index, isNew) = words.insert(word)
        if isNew {
            let term =
                language.cuts(word)
                ? Array(StemCache.stem(String(decoding: word, as: UTF8.self), language).utf8) : Array(word)
            termOfWord.append(UInt32(term.withUnsafeBufferPointer { terms.insert($0).index }))
        }
        return termOfWord[index]
    }
}
