#if Server

internal import Martlet
internal import MartletJSON
internal import MartletTokenizers

/// The tokens of a request's texts, and what was found on the way.
struct TokenizedInputs: Sendable {
    var texts: [TokenizedText] = []
    /// Texts that have more tokens than the model takes, with all their tokens.
    var truncated: [(index: Int, total: Int)] = []
    /// Texts that came as token ids, which do not read as this model's.
    var foreign: [Int] = []
    var tokens: Int { texts.reduce(0) { $0 + $1.ids.count } }
    /// Marks the texts of which the last token's hidden state is all that is read.
    mutating func readLastTokens() {
        for index in texts.indices where texts[index].promptTokens == 0 {
            texts[index].isReadByLastToken = true
        }
    }

    /// Tokens of each text.
    var lengths: [Int] { texts.map(\.ids.count) }
}

extension ServedModel {
    /// Cuts texts into tokens. Ids are read as text first, so that prompt, special tokens and limit apply to
    /// them, too.
    func tokenized(_ request: EmbedRequest) throws(ServiceError) -> TokenizedInputs {
        var found = TokenizedInputs()
        found.texts.reserveCapacity(request.inputs.count)
        let engine = try requireEngine()
        var options = request.options
        let isStrict = options.truncation == .error
        if isStrict { options.truncation = .native }
        for (index, input) in request.inputs.enumerated() {
            let limit = min(request.maxTokens ?? info.maxTokens, info.maxTokens)
            let cutsStart =
                options.truncation == .start || options.truncation == .native && engine.tokenizer.cutsStart
            let (given, left) = Self.cut(input, to: limit, keepsEnd: cutsStart)
            let text = try string(of: input, as: given, index, request.parameter)
            let tokens: TokenizedText
            do throws(MartletError) {
                tokens = try engine.tokenized(text, role: request.role, options, limit: limit)
            } catch {
                throw Self.named(error, index, request.parameter)
            }
            let total = tokens.total + left
            if total > tokens.ids.count {
                if isStrict { throw tooLong(index, total, request.parameter, limit: limit) }
                found.truncated.append((index, total))
            }
            if case .ids(let ids) = given, !Self.reads(ids, as: tokens.ids) { found.foreign.append(index) }
            found.texts.append(tokens)
        }
        return found
    }

    /// Reading a million ids of which 256 are kept would take seconds: what the cut surely drops is dropped
    /// before.
    /// - Returns: The input, and how many ids were left out.
    private static func cut(_ input: TextInput, to limit: Int, keepsEnd: Bool) -> (
        input: TextInput, left: Int
    ) {
        guard case .ids(let ids) = input, ids.count > 2 * limit + slack else { return (input, 0) }
        let kept = 2 * limit + slack
        return (.ids(Array(keepsEnd ? ids.suffix(kept) : ids.prefix(kept))), ids.count - kept)
    }

    private static let slack = 64

    /// Whether ids and the tokens of the text that they stand for are about the same. Those of another
    /// vocabulary stand for text that nobody writes, such as "[unused263]", and that is cut into other
    /// tokens.
    private static func reads(_ ids: [Int32], as tokens: [Int32]) -> Bool {
        let known = Set(ids)
        // Special tokens, and a text's end that the cut changed.
        let others = tokens.count { !known.contains($0) } - 4
        return others * 4 < tokens.count
    }

    func tooLong(_ index: Int, _ total: Int, _ parameter: String, limit: Int? = nil) -> ServiceError {
        ServiceError(
            .tooLong,
            "\(parameter)[\(index)] has \(total) tokens and the model takes \(limit ?? info.maxTokens): the input length exceeds the context length; "
                + "shorten it, or let it be truncated",
            parameter: parameter, inputIndex: index)
    }

    /// - Parameter given: The part of it that is read; nil: all.
    func string(of input: TextInput, as given: TextInput? = nil, _ index: Int, _ parameter: String)
        throws(ServiceError) -> String
    {
        switch (input, given ?? input) {
        case (_, .text(let text)): return text
        case (.ids(let all), .ids(let ids)):
            try check(all, index, parameter)
            return try requireEngine().tokenizer.decode(ids)
        case (_, .ids(let ids)): return try requireEngine().tokenizer.decode(ids)
        case (_, .mixed(let parts)):
            var text = ""
            for part in parts { text += try string(of: part, index, parameter) }
            return text
        }
    }

    /// An error of the library about one of a request's texts, which is named.
    static func named(_ error: MartletError, _ index: Int, _ parameter: String) -> ServiceError {
        // The prompt is the request's, not the text's.
        if error.code == .invalidOption { return ServiceError(error, parameter: "prompt_name") }
        return ServiceError(
            ServiceError(error).kind, "\(parameter)[\(index)]: \(error.message)", parameter: parameter,
            inputIndex: index)
    }

    /// - Parameter index: The place of the list among others; nil: there is one.
    /// - Throws: If an id is not one of the model's: clients that count with another model's tokenizer send
    ///   such.
    func check(_ ids: [Int32], _ index: Int?, _ parameter: String) throws(ServiceError) {
        let size = try requireEngine().tokenizer.vocabularySize
        guard let place = ids.firstIndex(where: { $0 >= size }) else { return }
        throw .invalid(
            parameter,
            "\(parameter)\(index.map { "[\($0)]" } ?? "")[\(place)]: token id \(ids[place]) is not in the vocabulary of \(name), which has \(size) tokens; "
                + "send texts instead (LangChain: check_embedding_ctx_length=False)", index: index)
    }
}

#endif
