#if Command

import ArgumentParser
import Martlet
import MartletJSON

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Print what a model does with a text, and its details.",
        discussion: """
            EXAMPLES
              martlet inspect
              martlet inspect path/to/model --json | jq .max_tokens
              martlet inspect path/to/bge-m3 --kind sparse
              martlet inspect path/to/jina-embeddings-v3 --task retrieval.query
              martlet inspect --hardware
            """)

    @Argument(help: ArgumentHelp("\(ModelName.help)", valueName: "model"), completion: .file())
    var path: String?
    @Flag(help: "One JSON object.")
    var json = false
    @Flag(help: "What this machine has and which kernels it uses, in place of a model's details.")
    var hardware = false
    @Option(
        help: "Which vectors of a model that makes several. Default: what the model makes; bge-m3 is dense.")
    var kind: EmbeddingKind?
    @Option(help: "What gives sparse vectors their weights.")
    var method: SparseMethod = .native
    @OptionGroup(title: "Model") var model: ModelOptions<Pooling>

    func validate() throws {
        if path != nil, model.model != nil {
            throw CommandError.usage(
                "the model is named twice; give it once, as the argument or with --model")
        }
        if hardware, path ?? model.model != nil {
            throw CommandError.usage("--hardware describes this machine, and takes no model")
        }
    }

    func run() throws {
        if hardware {
            let hardware = HardwareInfo.current
            return json ? try show(Self.object(hardware)) : try show(Self.text(hardware))
        }
        let (info, identity) = try load(path ?? model.model)
        if json { try show(Self.object(info, identity)) } else { try show(Self.text(info, identity)) }
    }

    private func show(_ text: String) throws { try StandardOutput.write(text) }
    private func show(_ object: JSONValue) throws {
        var bytes: [UInt8] = []
        JSONText.append(object, to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        try StandardOutput.write(bytes)
    }

    private func load(_ path: String?) throws -> (ModelInfo, ModelIdentity?) {
        if let path, kind == nil, method == .native, model.pooling.pooling == .native,
            try ModelName.source(path).isForScores()
        {
            return (try model.loadReranker(path).model, nil)
        }
        if let path, kind ?? .dense == .dense, method == .native, try ModelName.source(path).isContextual() {
            let embedder = try model.loadContextual(path)
            return (embedder.model, embedder.identity)
        }
        switch try KindOptions.resolved(kind, method, model: path) {
        case .dense:
            let embedder = try model.load(path)
            return (embedder.model, embedder.identity)
        case .sparse:
            let embedder = try model.loadSparse(path, method)
            return (embedder.model, embedder.identity)
        case .multi:
            let embedder = try model.loadMulti(path)
            return (embedder.model, embedder.identity)
        }
    }

    static func text(_ info: ModelInfo, _ identity: ModelIdentity? = nil) -> String {
        var rows: [(String, String)] = [
            ("model", info.path.isEmpty ? "\(info.name) (built in)" : "\(info.name) (\(info.path))")
        ]
        // BM25 counts words and has nothing of a model's.
        let hasWeights = info.parameters > 0
        if !hasWeights {
            rows.append(("architecture", info.architecture))
        } else if info.layers == 0 {
            rows.append(("architecture", "\(info.architecture), a vector for each token"))
        } else {
            rows += [
                ("architecture", "\(info.architecture), \(info.layers) layers, \(info.heads) heads"),
                ("hidden size", "\(info.hiddenSize), feed-forward \(info.intermediateSize)"),
            ]
        }
        let isVector = ![.reranker, .classifier].contains(info.kind)
        if let makes = makes(info.kind) { rows.insert(("makes", makes), at: 1) }
        if isVector { rows.append(("dimensions", "\(info.dimensions)")) }
        if hasWeights {
            rows += [
                ("parameters", Format.grouped(info.parameters)), ("weights", info.weightType),
                ("max tokens", "\(info.maxTokens)"),
            ]
        }
        if isVector {
            rows += [
                ("pooling", info.pooling.isEmpty ? "none" : pooling(info)),
                ("normalizes", info.normalizes ? "yes" : "no"),
                ("similarity", info.similarity.rawValue),
            ]
        } else {
            rows += [
                ("kind", info.kind.rawValue), ("pair", Console.oneLine(info.pairForm)),
                ("labels", info.labels.joined(separator: ", ")), ("activation", info.scoreActivation),
            ]
        }
        rows.append(("tokenizer", info.tokenizer))
        if hasWeights { rows.append(("vocabulary", Format.grouped(info.vocabularySize))) }
        if info.prompts.isEmpty { rows.append(("prompts", "none")) }
        for name in info.prompts.keys.sorted() {
            let mark = name == info.defaultPromptName ? " (default)" : ""
            rows.append(("prompt \(name)", Format.excerpt(info.prompts[name] ?? "", width: 80) + mark))
        }
        if !info.tasks.isEmpty {
            rows += [("tasks", info.tasks.joined(separator: ", ")), ("task", info.task ?? "none")]
        }
        if hasWeights { rows += [("precision", info.precision), ("kernels", info.instructionSet)] }
        rows.append(("threads", "\(info.threads)"))
        if let space = identity?.space { rows.append(("identity", space.weights)) }
        for note in info.notes { rows.append(("note", note)) }
        let width = (rows.map(\.0.count).max() ?? 0) + 2
        return info.pipeline + "\n\n" + rows.map { Format.padded($0.0, to: width) + $0.1 + "\n" }.joined()
    }

    static func object(_ info: ModelInfo, _ identity: ModelIdentity? = nil) -> JSONValue {
        let prompts = info.prompts.keys.sorted().map {
            JSONObject.Member(key: $0, value: .string(info.prompts[$0] ?? ""))
        }
        let members: [(String, JSONValue)] = [
            ("name", .string(info.name)), ("kind", .string(info.kind.rawValue)),
            ("path", info.path.isEmpty ? .null : .string(info.path)),
            ("pipeline", .string(info.pipeline)),
            ("architecture", .string(info.architecture)), ("layers", .integer(info.layers)),
            ("heads", .integer(info.heads)),
            ("hidden_size", .integer(info.hiddenSize)),
            ("intermediate_size", .integer(info.intermediateSize)),
            ("dimensions", .integer(info.dimensions)), ("parameters", .integer(info.parameters)),
            ("weight_type", .string(info.weightType)),
            ("max_tokens", .integer(info.maxTokens)), ("pooling", .string(pooling(info))),
            ("normalizes", .bool(info.normalizes)),
            ("similarity", .string(info.similarity.rawValue)), ("tokenizer", .string(info.tokenizer)),
            ("labels", .array(info.labels.map { .string($0) })),
            ("activation", .string(info.scoreActivation)),
            ("pair", .string(info.pairForm)), ("vocabulary_size", .integer(info.vocabularySize)),
            ("prompts", .object(JSONObject(prompts))),
            ("default_prompt", info.defaultPromptName.map { .string($0) } ?? .null),
            ("precision", .string(info.precision)),
            ("tasks", .array(info.tasks.map { .string($0) })),
            ("task", info.task.map { .string($0) } ?? .null),
            ("instruction_set", .string(info.instructionSet)), ("threads", .integer(info.threads)),
            ("notes", .array(info.notes.map { .string($0) })),
            ("identity", identity.map { .object(digests($0.space)) } ?? .null),
        ]
        return .object(JSONObject(members.map { JSONObject.Member(key: $0.0, value: $0.1) }))
    }

    private static func digests(_ space: VectorSpace) -> JSONObject {
        JSONObject(named: [
            ("weights", .string(space.weights)), ("tokenizer", .string(space.tokenizer)),
            ("configuration", .string(space.configuration)),
        ])
    }

    /// Shown only where it differs from one vector for each text.
    private static func makes(_ kind: ModelKind) -> String? {
        switch kind {
        case .embedder, .reranker, .classifier: nil
        case .sparse: "a sparse vector of each text"
        case .lateInteraction: "a vector of each token, for late interaction"
        case .contextual: "a vector of each text in the context of a corpus"
        }
    }

    private static func pooling(_ info: ModelInfo) -> String {
        info.pooling.map(\.rawValue).joined(separator: " + ")
    }
}

#endif
