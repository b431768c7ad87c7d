internal import Martlet
import Synchronization

/// Stems of words that were seen before: a stem takes longer than all else that is done with a word, and
/// segments share most of theirs.
enum StemCache {
    private static let stems = Mutex<[String: String]>([:])
    /// Words kept at most, some 20 MB; then it begins anew.
    private static let limit = 1 << 18

    static func english(_ word: String) -> String {
        if let known = stems.withLock({ $0[word] }) { return known }
        let stem = EnglishStemmer.stem(word)
        stems.withLock { stems in
            if stems.count >= limit { stems.removeAll(keepingCapacity: true) }
            stems[word] = stem
        }
        return stem
    }
}
