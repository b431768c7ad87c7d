import Synchronization

/// Stems of words of questions and of the log's rows that were seen before.
enum StemCache {
    private struct Key: Hashable {
        let word: [UInt8]
        let language: WordLanguage
    }

    private static let stems = Mutex<[Key: [UInt8]]>([:])
    /// Words kept at most, some 5 MB; then it begins anew.
    private static let limit = 1 << 15

    static func stem(of word: UnsafeBufferPointer<UInt8>, _ language: WordLanguage) -> [UInt8] {
        let key = Key(word: Array(word), language: language)
        if let known = stems.withLock({ $0[key] }) { return known }
        let stem = Array(language.stem(String(decoding: word, as: UTF8.self)).utf8)
        stems.withLock { stems in
            if stems.count >= limit { stems.removeAll(keepingCapacity: true) }
            stems[key] = stem
        }
        return stem
    }
}
