import Synchronization

/// Stems of words that were seen before: a stem takes longer than all else that is done with a word, and
/// segments share most of theirs.
enum StemCache {
    private struct Key: Hashable {
        let word: String
        let language: WordLanguage
    }

    private static let stems = Mutex<[Key: String]>([:])
    /// Words kept at most, some 20 MB; then it begins anew.
    private static let limit = 1 << 18

    static func stem(_ word: String, _ language: WordLanguage) -> String {
        let key = Key(word: word, language: language)
        if let known = stems.withLock({ $0[key] }) { return known }
        let stem = language.stem(word)
        stems.withLock { stems in
            if stems.count >= limit { stems.removeAll(keepingCapacity: true) }
            stems[key] = stem
        }
        return stem
    }
}
