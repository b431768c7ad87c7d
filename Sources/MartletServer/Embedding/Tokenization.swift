#if Server

internal import Martlet
internal import MartletJSON
internal import MartletTokenizers

/// The tokens of a request's texts, and what was found on the way.
struct TokenizedInputs: Sendable {
    var texts: [TokenizedText] = []
    /// Texts that have more tokens than the model takes, with all their tokens.
    var truncated: [(index: Int, total: Int)] = []
    var tokens: Int { texts.reduce(0) { $0 + $1.ids.count } }
}

extension ServedModel {
    /// Cuts texts into tokens. Ids are read as text first, so that prompt, special tokens and limit apply to them, too.
    func tokenized(_ request: EmbedRequest) throws(ServiceError) -> TokenizedInputs {
        var found = TokenizedInputs()
        found.texts.reserveCapacity(request.inputs.count)
        let engine = try requireEngine()
        var options = request.options
        let isStrict = options.truncation == .error
        if isStrict { options.truncation = .native }
        for (index, input) in request.inputs.enumerated() {
            let text = try string(of: input, index, request.parameter)
            let tokens: TokenizedText
            do throws(MartletError) {
                tokens = try engine.tokenized(text, role: request.role, options)
            } catch {
                throw Self.named(error, index, request.parameter)
            }
            if tokens.total > tokens.ids.count {
                if isStrict { throw tooLong(index, tokens.total, request.parameter) }
                found.truncated.append((index, tokens.total))
            }
            found.texts.append(tokens)
        }
        return found
    }

    func tooLong(_ index: Int, _ total: Int, _ parameter: String) -> ServiceError {
        ServiceError(
            .tooLong,
            "\(parameter)[\(index)] has \(total) tokens and the model takes \(info.maxTokens): the input length exceeds the context length; "
                + "shorten it, or let it be truncated",
            parameter: parameter, inputIndex: index)
    }

    func string(of input: TextInput, _ index: Int, _ parameter: String) throws(ServiceError) -> String {
        switch input {
        case .text(let text): return text
        case .ids(let ids):
            try check(ids, index, parameter)
            return try requireEngine().tokenizer.decode(ids)
        }
    }

    /// An error of the library about one of a request's texts, which is named.
    static func named(_ error: MartletError, _ index: Int, _ parameter: String) -> ServiceError {
        // The prompt is the request's, not the text's.
        if error.code == .invalidOption { return ServiceError(error, parameter: "prompt_name") }
        return ServiceError(
            ServiceError(error).kind, "\(parameter)[\(index)]: \(error.message)", parameter: parameter, inputIndex: index)
    }

    /// - Parameter index: The place of the list among others; nil: there is one.
    /// - Throws: If an id is not one of the model's: clients that count with another model's tokenizer send such.
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
