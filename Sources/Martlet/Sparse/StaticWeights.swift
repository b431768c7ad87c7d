internal import MartletJSON
internal import MartletTokenizers
internal import MartletWeights

/// A weight for each token that a text has, once, without an encoder: sentence-transformers'
/// `SparseStaticEmbedding`.
struct StaticWeights: Sendable {
    let tokenizer: Tokenizer
    /// [vocabulary]
    let weights: [Float]
    let maxTokens: Int?

    init(_ folder: ModelFolder, _ path: String) throws(MartletError) {
        let inner = path.isEmpty ? folder : ModelFolder(path: folder.path(of: path))
        let tokenizer = try TokenizerFiles.tokenizer(folder: inner)
        self.tokenizer = tokenizer
        maxTokens = try inner.config("tokenizer_config.json").flatMap {
            (config) throws(MartletError) -> Int? in
            guard let limit = config["model_max_length"] else { return nil }
            guard let number = limit.double, number >= 1 else {
                throw config.wrongKind("model_max_length", "a number from 1 on", limit)
            }
            return number <= Double(Int32.max) ? Int(number) : nil
        }
        if inner.contains("model.safetensors") {
            let file = try wrapping { () throws(WeightError) in
                try SafetensorsFile(path: inner.path(of: "model.safetensors"))
            }
            weights = try wrapping { () throws(WeightError) in try file.require("weight").floats() }
        } else {
            weights = try Self.named(inner, folder, tokenizer)
        }
        guard weights.allSatisfy(\.isFinite), weights.count >= tokenizer.idBound else {
            throw .malformed(
                inner.path,
                "expected \(tokenizer.idBound) finite weights, one for each token, found \(weights.count)\(weights.allSatisfy(\.isFinite) ? "" : ", not all finite")"
            )
        }
    }

    /// From a JSON file of weights by token, which config.json names as `path`.
    private static func named(_ inner: ModelFolder, _ folder: ModelFolder, _ tokenizer: Tokenizer)
        throws(MartletError) -> [Float]
    {
        let config = try inner.requireConfig("config.json", for: "where the tokens' weights are")
        let name = try config.string("path") ?? "idf.json"
        let last = name.split(separator: "/").last.map(String.init) ?? ""
        guard let place = [inner, folder].first(where: { $0.contains(last) }),
            let table = try place.config(last)
        else {
            throw MartletError(
                .missingFile,
                "\(inner.path) has neither model.safetensors nor \(last.quotedForMessage), which hold the tokens' weights",
                file: inner.path)
        }
        guard tokenizer.idBound <= 1 << 22 else {
            throw .malformed(
                inner.path,
                "the tokenizer has ids up to \(tokenizer.idBound - 1), more than a table of weights may have")
        }
        var weights = [Float](repeating: 0, count: tokenizer.idBound)
        for member in table.object.members {
            guard let weight = member.value.double else {
                throw table.wrongKind(member.key, "a number", member.value)
            }
            if let id = tokenizer.id(of: member.key), id < weights.count { weights[id] = Float(weight) }
        }
        return weights
    }

    var description: String { "\(tokenizer.kind) → weight of each token" }

    /// The vector of one text; a prompt is part of it.
    func vector(_ text: String, _ policy: TruncationPolicy, scratch: TokenizerScratch) -> (
        vector: SparseEmbedding, tokens: Int, total: Int
    ) {
        var ids: [Int32] = []
        var text = text
        let total = text.withUTF8 {
            tokenizer.encode(
                utf8: UnsafeRawBufferPointer($0), into: &ids, maxTokens: maxTokens,
                truncation: policy.side(tokenizer),
                addsSpecialTokens: false, scratch: scratch)
        }
        var kept: [Int: Float] = [:]
        for id in ids { kept[Int(id)] = weights[Int(id)] }
        return (SparseEmbedding(kept), ids.count, total)
    }
}
