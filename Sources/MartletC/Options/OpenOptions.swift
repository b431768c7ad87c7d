import Martlet
import MartletSystem

/// The options of `martlet_open`.
struct OpenOptions {
    /// What to load the model as; nil: what its files describe.
    var kind: ModelKind?
    var configuration = ModelConfiguration()
    var bm25: BM25?
    var bm42: BM42?

    init(_ json: UnsafePointer<CChar>?) throws(CallError) {
        var reader = try OptionReader(json)
        kind = try reader.choice("kind")
        configuration.precision = try reader.choice("precision") ?? .auto
        configuration.threads = try reader.integer("threads")
        configuration.instructionSet = try reader.choice("instruction_set")
        configuration.maxBatchTokens = try reader.integer("max_batch_tokens")
        configuration.pooling = try reader.choice("pooling") ?? .native
        configuration.maxTokens = try reader.integer("max_tokens")
        configuration.task = try reader.string("task")
        if let cache = try reader.string("weight_cache") { configuration.weightCache = try Self.cache(cache) }
        bm25 = try Self.bm25(&reader)
        bm42 = try Self.bm42(&reader)
        try reader.finish()
        // BM25 has no model, and BM42 pools nothing.
        if bm25 != nil { try reader.refuse(beside: "bm25", allBut: ["bm25", "threads"]) }
        if bm42 != nil { try reader.refuse(["kind", "pooling"], beside: "bm42") }
    }

    private static let cacheSize = 16 << 30

    private static func cache(_ text: String) throws(CallError) -> WeightCache {
        switch text {
        case "automatic": .automatic
        case "off": .off
        case let path where path.hasPrefix("/"): .folder(path, maxBytes: cacheSize)
        default:
            throw .option(
                "option \"weight_cache\" is \"\(text)\"; expected automatic, off or an absolute path")
        }
    }

    private static func bm25(_ reader: inout OptionReader) throws(CallError) -> BM25? {
        guard var options = try reader.options("bm25") else { return nil }
        var bm25 = BM25()
        bm25.k = try options.number("k") ?? bm25.k
        bm25.b = try options.number("b") ?? bm25.b
        bm25.averageLength = try options.number("average_length") ?? bm25.averageLength
        bm25.language = try options.string("language") ?? bm25.language
        bm25.stems = try options.flag("stems") ?? bm25.stems
        bm25.stopWords = try options.strings("stop_words").map(Set.init)
        bm25.maxWordLength = try options.integer("max_word_length") ?? bm25.maxWordLength
        try options.finish()
        return bm25
    }

    private static func bm42(_ reader: inout OptionReader) throws(CallError) -> BM42? {
        guard var options = try reader.options("bm42") else { return nil }
        var bm42 = BM42()
        bm42.alpha = try options.number("alpha") ?? bm42.alpha
        bm42.stopWords = try options.strings("stop_words").map(Set.init)
        try options.finish()
        return bm42
    }
}
