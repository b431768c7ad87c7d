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
    /// Texts of whitespace alone, or of nothing.
    var blank: [Int] = []
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
    /// Cuts texts into tokens. Prompt, special tokens and limit apply to ids, too.
    func tokenized(_ request: EmbedRequest) throws(ServiceError) -> TokenizedInputs {
        var found = TokenizedInputs()
        found.texts.reserveCapacity(request.inputs.count)
        let engine = try requireEngine()
        var options = request.options
        let isStrict = options.truncation == .error
        if isStrict { options.truncation = .native }
        for (index, input) in request.inputs.enumerated() {
            let limit = min(request.maxTokens ?? info.maxTokens, info.maxTokens)
            let ids = try ids(of: input, index, request.parameter)
            let tokens: TokenizedText
            if let ids {
                do throws(MartletError) {
                    tokens = try engine.tokenized(ids: ids, role: request.role, options, limit: limit)
                } catch {
                    throw Self.named(error, index, request.parameter)
                }
                if !Self.reads(tokens.ids, with: engine.tokenizer) { found.foreign.append(index) }
            } else {
                let text = try string(of: input, index, request.parameter)
                if text.unicodeScalars.allSatisfy(\.properties.isWhitespace) { found.blank.append(index) }
                do throws(MartletError) {
                    tokens = try engine.tokenized(text, role: request.role, options, limit: limit)
                } catch {
                    throw Self.named(error, index, request.parameter)
                }
            }
            if tokens.total > tokens.ids.count {
                if isStrict { throw tooLong(index, tokens.total, request.parameter, limit: limit) }
                found.truncated.append((index, tokens.total))
            }
            found.texts.append(tokens)
        }
        return found
    }

    /// Whether the text that ids stand for is cut into about these tokens. Ids of another vocabulary stand for
    /// text that nobody writes, such as "[unused263]", and that is cut into other tokens.
    private static func reads(_ ids: [Int32], with tokenizer: Tokenizer) -> Bool {
        let tokens = tokenizer.encode(tokenizer.decode(ids), addsSpecialTokens: false).ids
        let known = Set(ids)
        // A text's end that the cut changed.
        let others = tokens.count { !known.contains($0) } - 4
        return others * 4 < tokens.count
    }

    /// The ids of an input that has some: a mixture's texts are cut into tokens between them. Nil: it is text
    /// alone.
    private func ids(of input: TextInput, _ index: Int, _ parameter: String) throws(ServiceError) -> [Int32]?
    {
        switch input {
        case .text: return nil
        case .ids(let ids):
            try check(ids, index, parameter)
            return ids
        case .mixed(let parts):
            var ids: [Int32] = []
            for part in parts {
                if let some = try self.ids(of: part, index, parameter) {
                    ids += some
                } else {
                    let text = try string(of: part, index, parameter)
                    ids += try requireEngine().tokenizer.encode(text, addsSpecialTokens: false).ids
                }
            }
            return ids
        }
    }

    func tooLong(_ index: Int, _ total: Int, _ parameter: String, limit: Int? = nil) -> ServiceError {
        ServiceError(
            .tooLong,
            "\(parameter)[\(index)] has \(total) tokens and the model takes \(limit ?? info.maxTokens): the input length exceeds the context length; "
                + "shorten it, or let it be truncated",
            parameter: parameter, inputIndex: index)
    }

    /// An input as text, for models that take no tokens.
    func string(of input: TextInput, _ index: Int, _ parameter: String) throws(ServiceError) -> String {
        switch input {
        case .text(let text): return text
        case .ids(let ids):
            try check(ids, index, parameter)
            let tokenizer = try requireEngine().tokenizer
            return tokenizer.decode(Array(tokenizer.ownIDs(in: ids)), skipSpecialTokens: false)
        case .mixed(let parts):
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
