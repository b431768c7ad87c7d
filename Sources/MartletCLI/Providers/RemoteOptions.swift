#if Command

import ArgumentParser
import Martlet
import MartletData
import MartletHTTP
import MartletProviders

/// A model of a provider, in place of one on this machine.
struct RemoteOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The provider's address, for --model \(Provider.all.map { "\($0.name):NAME" }.joined(separator: ", ")), in place of its own.",
            valueName: "url"))
    var baseUrl: String?

    @Option(help: ArgumentHelp("Requests at a time to a provider.", valueName: "n"))
    var parallel: Int?

    @Option(
        help: ArgumentHelp(
            "The most requests to a provider in a time, such as 20/s, 3000/min or 100/h, or tokens, as 1000000tokens/min; or both, with a comma.",
            valueName: "n/time"))
    var rate: String?

    @Option(
        help: ArgumentHelp(
            "Texts of one request to a provider. Default: as many as it takes.", valueName: "n"))
    var requestTexts: Int?

    private static let usualParallel = 4

    func validate() throws {
        if let parallel, !(1...256).contains(parallel) {
            throw CommandError.usage("--parallel \(parallel): expected 1 to 256")
        }
        _ = try rates()
        if let requestTexts, requestTexts < 1 {
            throw CommandError.usage("--request-texts \(requestTexts): expected at least 1")
        }
    }

    /// What `--rate` says of requests and of tokens.
    func rates() throws -> (requests: Rate?, tokens: Rate?) {
        guard let rate else { return (nil, nil) }
        let rates = rate.split(separator: ",", omittingEmptySubsequences: false).map { Rate($0) }
        let (requests, tokens) = (
            rates.filter { $0?.unit == .requests }, rates.filter { $0?.unit == .tokens }
        )
        guard requests.count + tokens.count == rates.count, requests.count <= 1, tokens.count <= 1 else {
            throw CommandError.usage(
                "--rate \(rate): expected such as 20/s, 3000/min, 1000000tokens/min or 3000/min,1000000tokens/min"
            )
        }
        return (requests.first ?? nil, tokens.first ?? nil)
    }

    /// The provider and its model that an option names; nil: a model of this machine.
    func named(_ model: String?, by option: String = "--model") throws -> (provider: Provider, model: String)?
    {
        guard let model, let colon = model.firstIndex(of: ":"),
            let provider = Provider.named(String(model[..<colon])),
            !System.exists(model)
        else {
            guard baseUrl == nil, parallel == nil, rate == nil, requestTexts == nil else {
                throw CommandError.usage(
                    "--base-url, --parallel, --rate and --request-texts are for models of a provider; name one with \(option), such as openai:NAME"
                )
            }
            return nil
        }
        let name = String(model[model.index(after: colon)...])
        guard !name.isEmpty || provider.name == "tei" else {
            throw CommandError.usage("\(option) \(model): the model's name is missing")
        }
        return (provider, name.isEmpty ? "default" : name)
    }

    func settings(_ provider: Provider) throws -> RemoteModel.Settings {
        guard
            let address = baseUrl ?? provider.addressVariable.flatMap({ System.setting($0) })
                ?? (provider.address.isEmpty ? nil : provider.address)
        else {
            throw CommandError.usage("\(provider.name) has no address of its own; name one with --base-url")
        }
        let key = System.setting(provider.keyVariable)
        // A server of one's own may take none.
        if key == nil, address == provider.address, address.hasPrefix("https:") {
            throw CommandError.usage("\(provider.name) needs a key: set \(provider.keyVariable)")
        }
        let rates = try rates()
        var settings = RemoteModel.Settings(
            address: provider.url(address), key: key, parallel: parallel ?? Self.usualParallel,
            rate: rates.requests.map { RateLimit($0.count, per: $0.period) })
        settings.tokenRate = rates.tokens.map { TokenRate(RateLimit($0.count, per: $0.period)) }
        settings.textsPerRequest = requestTexts
        return settings
    }

    /// Texts of one request.
    func textsOfRequest(_ provider: Provider) -> Int {
        min(provider.maxTexts, requestTexts ?? provider.maxTexts)
    }

    /// How many records are read at a time: two rounds of all requests.
    func batchSize(_ provider: Provider) -> BatchSize {
        let requests = (parallel ?? Self.usualParallel) * 2
        return BatchSize(
            fixed: requests * textsOfRequest(provider),
            maxBytes: max(4 << 20, requests * RemoteModel.maxBytes))
    }
}

/// A provider's model with the options of a run.
struct RemoteEngine: TextProcessor {
    let model: RemoteModel
    let role: TextRole?
    let options: EmbedOptions
    let quantizer: RowQuantizer

    /// So that all requests at a time are on the way also at the end of a batch.
    var batchesAtOnce: Int { 2 }

    func process(_ texts: [String]) async throws -> Processed<VectorRows> {
        let embeddings: Embeddings
        do {
            embeddings = try await model.embed(texts, as: role, options: options)
        } catch let error as MartletError {
            throw error.ofText
        }
        return Processed(try quantizer.rows(embeddings), embeddings.usage)
    }
}

extension EmbedCommand {
    #if Hub
    func loadRemote(_ named: (provider: Provider, model: String), _ quantizer: RowQuantizer) async throws
        -> LoadedEngine
    {
        let given: [(String, Bool)] = [
            ("--pooling", model.pooling != .native), ("--precision", model.precision != .auto),
            ("--threads", model.threads != nil),
            ("--isa", model.instructionSet != nil), ("--max-tokens", model.maxTokens != nil),
            ("--task", model.task != nil),
            ("--max-batch-tokens", model.maxBatchTokens != nil), ("--method", kind.method != .native),
            ("--kind", kind.kind ?? .dense != .dense),
            ("--no-normalize", text.noNormalize), ("--corpus-sample", corpus.corpusSample != nil),
        ]
        if let option = given.first(where: \.1) {
            throw CommandError.usage(
                "\(option.0) is for models of this machine, and \(named.provider.name) computes elsewhere; drop it"
            )
        }
        let remote = try await RemoteModel.open(
            named.provider, model: named.model, settings: try self.remote.settings(named.provider),
            dimensions: text.dimensions,
            transport: NetworkTransport())
        let options = EmbedOptions(truncation: text.truncate, prompt: text.prompt)
        return LoadedEngine(
            info: ModelInfo(
                remote: "\(named.provider.name):\(named.model)", dimensions: remote.identity.space.dimensions),
            identity: remote.identity,
            processor: RemoteEngine(
                model: remote, role: text.textRole, options: options, quantizer: quantizer),
            probe: ModelProbe(remote.probe))
    }
    #else
    func loadRemote(_ named: (provider: Provider, model: String), _ quantizer: RowQuantizer) async throws
        -> LoadedEngine
    {
        throw CommandError.missing("models of providers", trait: "Hub")
    }
    #endif
}

extension ModelInfo {
    /// What is known of a provider's model.
    fileprivate init(remote name: String, dimensions: Int) {
        self.init()
        self.name = name
        self.dimensions = dimensions
        precision = "unknown"
        instructionSet = "the provider's machine"
        pipeline = name
    }
}

#endif
