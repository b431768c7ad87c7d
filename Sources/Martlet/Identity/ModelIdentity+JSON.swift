internal import MartletJSON

/// The same members as ``ModelIdentity``'s Codable form, for the package's own files.
extension ModelIdentity {
    /// A JSON object. The first call may read the model's files.
    package var json: String {
        let members: [(String, JSONValue?)] = [
            ("model", .string(space.model)), ("weights", .string(space.weights)),
            ("tokenizer", .string(space.tokenizer)),
            ("configuration", .string(space.configuration)), ("kind", .string(space.kind.rawValue)),
            ("dimensions", .integer(space.dimensions)),
            ("pooling", .array(space.pooling.map { .string($0) })),
            ("normalized", .bool(space.isNormalized)),
            ("prompts", Self.object(space.prompts.sorted { $0.key < $1.key })),
            ("task", space.task.map { .string($0) }), ("adapter", space.adapter.map { .string($0) }),
            ("context", space.context.map { .string($0) }),
        ]
        let computation: [(String, JSONValue?)] = [
            ("precision", .string(computation.precision)), ("device", .string(computation.device)),
        ]
        var bytes: [UInt8] = []
        JSONText.append(
            Self.object([("space", Self.object(members)), ("computation", Self.object(computation))]),
            to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// nil: the text is not an identity.
    package init?(json text: String) {
        guard let value = try? JSONValue.parse(utf8: text), let space = value["space"],
            let computation = value["computation"],
            let model = space["model"]?.string, let weights = space["weights"]?.string,
            let tokenizer = space["tokenizer"]?.string,
            let configuration = space["configuration"]?.string,
            let kind = space["kind"]?.string.flatMap(EmbeddingKind.init(rawValue:)),
            let dimensions = space["dimensions"]?.int, let pooling = space["pooling"]?.array?.map(\.string),
            let isNormalized = space["normalized"]?.bool, let prompts = space["prompts"]?.object,
            let precision = computation["precision"]?.string, let device = computation["device"]?.string
        else { return nil }
        self.init(
            space: VectorSpace(
                model: model, weights: weights, tokenizer: tokenizer, configuration: configuration,
                kind: kind, dimensions: dimensions,
                pooling: pooling.compactMap(\.self), isNormalized: isNormalized,
                prompts: Dictionary(
                    prompts.members.compactMap { member in member.value.string.map { (member.key, $0) } },
                    uniquingKeysWith: { $1 }),
                task: space["task"]?.string, adapter: space["adapter"]?.string,
                context: space["context"]?.string),
            computation: Computation(precision: precision, device: device))
    }

    private static func object(_ members: some Sequence<(String, JSONValue?)>) -> JSONValue {
        .object(JSONObject(members.compactMap { name, value in value.map { .init(key: name, value: $0) } }))
    }

    private static func object(_ texts: some Sequence<(key: String, value: String)>) -> JSONValue {
        object(texts.map { ($0.key, JSONValue.string($0.value) as JSONValue?) })
    }
}
