#if Server

internal import NIOCore
internal import HTTPTypes
internal import Martlet
internal import MartletJSON
internal import MartletTokenizers

/// Text Embeddings Inference: text to tokens and back. llama.cpp's forms of the same are told by their
/// members.
enum TEITokenRoutes {
    static let all: [Route] = [tokenize, decode, detokenize]

    static let teiRequest = Schema.object(
        [
            .required("inputs", .oneOf([.string(""), .array(.string(""), 1...2048)], ""))
        ]
            + Schemas.tei(
                [
                    Schemas.model,
                    .optional("add_special_tokens", .nullable(.boolean("the default"))),
                    .optional("prompt_name", .nullable(.string("one of the model's prompts"))),
                ]), "")
    static let llamaRequest = Schema.object(
        [
            .required("content", .string("")),
            .optional("add_special", .nullable(.boolean("not the default"))),
            .optional("parse_special", .nullable(.boolean("true, the default"))),
            .optional("with_pieces", .nullable(.boolean("the text of each token, too"))), Schemas.model,
        ], "")

    private static let tokenize = Route(
        .post, "/tokenize", .tei, "The tokens of texts: TEI's form with inputs, llama.cpp's with content",
        operation: .tokenize, request: .oneOf([teiRequest, llamaRequest], ""),
        response: .array(
            .array(
                .object(
                    [
                        .required("id", .integer(0...Int.max, "")), .required("text", .string("")),
                        .required("special", .boolean("")),
                        .required("start", .nullable(.integer(0...Int.max, "in bytes of UTF-8"))),
                        .required("stop", .nullable(.integer(0...Int.max, ""))),
                    ], ""))),
        otherDialect: .llama
    ) { call in
        let fields = try await call.fields()
        if fields.value("content") != nil {
            // Errors, too, are what llama.cpp's clients know.
            call.record.update { $0.dialect = .llama }
            try fields.check(read: llamaRequest.members, by: "llama.cpp's /tokenize")
            if fields.value("add_special_tokens") != nil {
                throw ServiceError.invalid(
                    "add_special_tokens", "add_special_tokens: with content the member is add_special")
            }
            if try fields.bool("parse_special") == false {
                throw ServiceError.invalid(
                    "parse_special",
                    "parse_special: special tokens in a text are always read as such; leave it out")
            }
            return try await llamaTokens(of: try fields.requiredString("content"), fields, call)
        }
        guard let input = fields.value("inputs") else {
            throw ServiceError.invalid(
                "inputs", "inputs: expected a string or a list of strings, found nothing")
        }
        let limit = call.server.configuration.maxClientBatch
        let inputs = try TextInputs(input, parameter: "inputs", limit: limit, takesIDs: false)
        guard !inputs.texts.isEmpty else {
            throw ServiceError(.empty, "inputs cannot be empty", parameter: "inputs")
        }
        let addsSpecials = try fields.bool("add_special_tokens") ?? true
        let role = try fields.string("prompt_name").map { TextRole(promptName: $0) }
        return try await call.server.store.withModel(try fields.model()) { model in
            call.record.update { $0.model = model.name }
            let engine = try model.requireEngine()
            let limit = call.server.configuration.maxResponseBytes
            let prompt: String
            do throws(MartletError) {
                prompt =
                    try role.map { role throws(MartletError) in try engine.pipeline.prompts.text(for: role) }
                    ?? ""
            } catch {
                throw ServiceError(error, parameter: "prompt_name")
            }
            return try await call.written(bytes: answerBytes(call.body.readableBytes, limit)) {
                () throws(ServiceError) in
                var bytes: [UInt8] = Array("[".utf8)
                for (index, input) in inputs.texts.enumerated() {
                    guard case .text(let text) = input else { continue }
                    if index > 0 { bytes.append(UInt8(ascii: ",")) }
                    try append(prompt + text, engine.tokenizer, addsSpecials, limit, to: &bytes)
                }
                bytes.append("]")
                return bytes
            }
        }
    }

    private static func append(
        _ text: String, _ tokenizer: Tokenizer, _ addsSpecials: Bool, _ limit: Int, to bytes: inout [UInt8]
    )
        throws(ServiceError)
    {
        let encoding = tokenizer.encode(
            text, truncation: .none, addsSpecialTokens: addsSpecials, withOffsets: true)
        let utf8 = Array(text.utf8)
        bytes.append("[")
        for (index, id) in encoding.ids.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            let isSpecial = (encoding.textIndices?[index] ?? 0) < 0
            let range = encoding.offsets?[index] ?? 0..<0
            let shown =
                isSpecial
                ? tokenizer.token(id: Int(id)) ?? ""
                : String(decoding: utf8[range.clamped(to: 0..<utf8.count)], as: UTF8.self)
            let token = JSONValue.object([
                "id": .integer(Int(id)), "text": .string(shown), "special": .bool(isSpecial),
                "start": isSpecial ? .null : .integer(range.lowerBound),
                "stop": isSpecial ? .null : .integer(range.upperBound),
            ])
            JSONText.append(token, to: &bytes)
            try check(bytes.count, limit)
        }
        bytes.append("]")
    }

    /// About the bytes of the tokens of so many bytes of text: each of a few letters has an object of its
    /// own.
    private static func answerBytes(_ text: Int, _ limit: Int) -> Int { min(text * 16, limit) }

    /// A text of a few bytes may have an answer of many times as many.
    private static func check(_ bytes: Int, _ limit: Int) throws(ServiceError) {
        guard bytes > limit else { return }
        throw ServiceError(
            .batchTooLarge,
            "the answer has more than \(limit) bytes, the most that the server gives; send less text")
    }

    /// `{content, add_special, with_pieces}` to `{tokens}`.
    private static func llamaTokens(of content: String, _ fields: RequestFields, _ call: Call) async throws
        -> Reply
    {
        let addsSpecials = try fields.bool("add_special") ?? false
        let withPieces = try fields.bool("with_pieces") ?? false
        return try await call.server.store.withModel(try fields.model()) { model in
            call.record.update { $0.model = model.name }
            let engine = try model.requireEngine()
            let limit = call.server.configuration.maxResponseBytes
            return try await call.written(bytes: answerBytes(content.utf8.count, limit)) {
                () throws(ServiceError) in
                let tokenizer = engine.tokenizer
                let ids = tokenizer.encode(content, truncation: .none, addsSpecialTokens: addsSpecials).ids
                var bytes: [UInt8] = []
                bytes.append(#"{"tokens":["#)
                for (place, id) in ids.enumerated() {
                    if place > 0 { bytes.append(UInt8(ascii: ",")) }
                    if withPieces {
                        let piece = tokenizer.token(id: Int(id)) ?? ""
                        JSONText.append(
                            .object(["id": .integer(Int(id)), "piece": .string(piece)]), to: &bytes)
                    } else {
                        JSONText.append(Int(id), to: &bytes)
                    }
                    try check(bytes.count, limit)
                }
                bytes.append("]}")
                return bytes
            }
        }
    }

    private static let decode = Route(
        .post, "/decode", .tei, "The texts of token ids", operation: .tokenize,
        request: .object(
            [
                .required("ids", .oneOf([Schemas.ids, .array(Schemas.ids, 1...2048)], ""))
            ]
                + Schemas.tei([
                    Schemas.model, .optional("skip_special_tokens", .nullable(.boolean("the default"))),
                ]), ""), response: .array(.string(""))
    ) { call in
        let fields = try await call.fields()
        guard let value = fields.value("ids") else {
            throw ServiceError.invalid(
                "ids", "ids: expected a list of token ids, or a list of such lists, found nothing")
        }
        let inputs = try TextInputs(value, parameter: "ids", limit: call.server.configuration.maxClientBatch)
        guard !inputs.texts.isEmpty else {
            throw ServiceError(.empty, "ids cannot be empty", parameter: "ids")
        }
        let skips = try fields.bool("skip_special_tokens") ?? true
        return try await decoded(inputs, "ids", skips: skips, try fields.model(), call) { .strings($0) }
    }

    private static let detokenize = Route(
        .post, "/detokenize", .llama, "The text of token ids", operation: .tokenize,
        request: .object([.required("tokens", .array(.integer(0...Int(Int32.max), ""))), Schemas.model], ""),
        response: .object([.required("content", .string(""))], "")
    ) { call in
        let fields = try await call.fields()
        guard let value = fields.value("tokens"), let list = value.array else {
            throw ServiceError.invalid("tokens", "tokens: expected a list of token ids")
        }
        let model = try fields.model()
        if list.isEmpty { return Reply(json: .object(["content": ""])) }
        let ids = try TextInputs.ids(list, "tokens", place: "")
        return try await decoded(
            TextInputs(texts: [.ids(ids)], isSingle: true), "tokens", skips: false, model, call
        ) { .object(["content": .string($0.first ?? "")]) }
    }

    private static func decoded(
        _ inputs: TextInputs, _ parameter: String, skips: Bool, _ name: String?, _ call: Call,
        _ body: @escaping @Sendable ([String]) -> JSONValue
    ) async throws -> Reply {
        try await call.server.store.withModel(name) { model in
            call.record.update { $0.model = model.name }
            let tokenizer = try model.requireEngine().tokenizer
            let limit = call.server.configuration.maxResponseBytes
            return try await call.written(bytes: call.body.readableBytes) { () throws(ServiceError) in
                var texts: [String] = []
                var size = 0
                for (index, input) in inputs.texts.enumerated() {
                    guard case .ids(let ids) = input else {
                        throw ServiceError.invalid(
                            parameter, "\(parameter)[\(index)]: expected a list of token ids, found a string",
                            index: index)
                    }
                    // A list alone has its ids' places, one of several has a place of its own.
                    try model.check(ids, inputs.isSingle ? nil : index, parameter)
                    let text = tokenizer.decode(ids, skipSpecialTokens: skips)
                    size += text.utf8.count
                    try check(size, limit)
                    texts.append(text)
                }
                return body(texts).bytes
            }
        }
    }
}

extension TextInputs {
    init(texts: [TextInput], isSingle: Bool) {
        self.texts = texts
        self.isSingle = isSingle
    }
}

#endif
