import Martlet
package import MartletHTTP
import MartletJSON

/// A model of a provider. Requests hold at most what the provider takes; several go out at a time, no more
/// than the rate allows.
///
/// Answers are checked: as many vectors as texts, each once, of one length, finite. A request that the
/// provider refuses is halved until the text at fault is alone; the error has its index.
package struct RemoteModel: EmbeddingModel {
    package typealias Output = Embeddings

    /// What is asked of a provider.
    package struct Settings: Sendable {
        package var address: String
        package var key: String?
        /// Requests at a time.
        package var parallel: Int
        package var rate: RateLimit?
        package var tokenRate: TokenRate?
        package var retries = RetryPause()
        /// Texts of one request; nil: as many as the provider takes.
        package var textsPerRequest: Int?

        package init(address: String, key: String? = nil, parallel: Int = 4, rate: RateLimit? = nil) {
            self.address = address
            self.key = key
            self.parallel = parallel
            self.rate = rate
        }
    }

    /// The most bytes of text in one request.
    package static let maxBytes = 400_000
    static let probeText = "martlet"

    private let provider: Provider
    private let model: String
    private let settings: Settings
    private let client: RetryingClient
    private let slots: RequestSlots
    /// What every request asks for; nil: the model's own number.
    private let dimensions: Int?
    package let identity: ModelIdentity
    /// The first numbers of the vector of a fixed text, to notice that the provider changes its model.
    package let probe: [Float]
    private static let probeNumbers = 64

    package var limits: InputLimits {
        InputLimits(maxTexts: nil, preferredTexts: settings.parallel * textsPerRequest * 4)
    }

    private var textsPerRequest: Int {
        max(1, min(provider.maxTexts, settings.textsPerRequest ?? provider.maxTexts))
    }
    private var name: String { client.name }

    /// Asks the provider for one vector, to know its length.
    package static func open(
        _ provider: Provider, model: String, settings: Settings, dimensions: Int? = nil,
        transport: any HTTPTransport
    ) async throws -> RemoteModel {
        if dimensions != nil, !provider.takesDimensions {
            throw MartletError(
                .invalidOption,
                "dimensions does not apply to \(provider.name): the provider has no such option; leave it out"
            )
        }
        let asking = RemoteModel(
            provider, model, settings, transport, asksFor: dimensions, dimensions: dimensions ?? 0, probe: [])
        let found = try await asking.part([probeText], 0, nil, EmbedOptions())
        return RemoteModel(
            provider, model, settings, transport, asksFor: dimensions, dimensions: found.width,
            probe: Array(found.floats.prefix(probeNumbers)))
    }

    private init(
        _ provider: Provider, _ model: String, _ settings: Settings, _ transport: any HTTPTransport,
        asksFor asked: Int?,
        dimensions: Int, probe: [Float]
    ) {
        self.probe = probe
        self.dimensions = asked
        self.provider = provider
        self.model = model
        self.settings = settings
        client = RetryingClient(
            name: "\(provider.name):\(model)", secret: settings.key, transport: transport,
            retries: settings.retries)
        slots = RequestSlots(max(1, settings.parallel))
        identity = ModelIdentity(
            space: VectorSpace(model: model, weights: "\(provider.name):\(model)", dimensions: dimensions),
            computation: Computation(precision: "unknown", device: provider.name))
    }

    /// Vectors of consecutive texts.
    private struct Part: Sendable {
        var start: Int
        var count: Int
        var floats: [Float]
        var width: Int
        var tokens: Int
    }

    package func embed(_ texts: [String], as role: TextRole?, options: EmbedOptions) async throws
        -> Embeddings
    {
        try check(options)
        let prompted = options.prompt.map { prompt in texts.map { prompt + $0 } } ?? texts
        let ranges = Self.ranges(of: prompted, count: textsPerRequest)
        var parts = try await withThrowingTaskGroup(of: Part.self, returning: [Part].self) { group in
            for range in ranges {
                group.addTask {
                    try await slots.withSlot {
                        try await part(Array(prompted[range]), range.lowerBound, role, options)
                    }
                }
            }
            var parts: [Part] = []
            for try await part in group { parts.append(part) }
            return parts
        }
        parts.sort { $0.start < $1.start }
        let width = parts.first?.width ?? identity.space.dimensions
        if let odd = parts.first(where: { $0.width != width || identity.space.dimensions != width }) {
            throw MartletError(
                .invalidOutput,
                "\(name) gave a vector of \(odd.width) dimensions where it had given \(identity.space.dimensions)",
                inputIndex: odd.start)
        }
        var floats: [Float] = []
        floats.reserveCapacity(texts.count * width)
        for part in parts { floats += part.floats }
        let usage = Usage(
            tokens: parts.reduce(0) { $0 + $1.tokens },
            blankInputs: texts.count { $0.allSatisfy(\.isWhitespace) })
        return try Embeddings(floats: floats, dimensions: max(1, width), usage: usage, identity: identity)
    }

    private func check(_ options: EmbedOptions) throws(MartletError) {
        func refused(_ what: String, _ why: String) -> MartletError {
            MartletError(.invalidOption, "\(what) does not apply to \(name): \(why)")
        }
        if options.pooling != .native {
            throw refused("pooling \(options.pooling.rawValue)", "the provider pools")
        }
        if options.maxActiveDimensions != nil {
            throw refused("maxActiveDimensions", "it makes no sparse vectors")
        }
        if options.normalize != nil { throw refused("normalize", "its vectors are taken as they come") }
        if options.dimensions != nil, !provider.takesDimensions {
            throw refused("dimensions", "the provider has no such option")
        }
        switch options.truncation {
        case .native, .error: break
        default: throw refused("truncation \(options.truncation.rawValue)", "the provider cuts where it will")
        }
    }

    /// Consecutive texts that fit one request each.
    static func ranges(of texts: [String], count: Int) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var (start, bytes) = (0, 0)
        for (index, text) in texts.enumerated() {
            if index > start, index - start >= count || bytes + text.utf8.count > maxBytes {
                ranges.append(start..<index)
                (start, bytes) = (index, 0)
            }
            bytes += text.utf8.count
        }
        if start < texts.count { ranges.append(start..<texts.count) }
        return ranges
    }

    /// One request, halved where it is refused.
    private func part(_ texts: [String], _ start: Int, _ role: TextRole?, _ options: EmbedOptions)
        async throws -> Part
    {
        do {
            return try await answer(texts, start, role, options)
        } catch let failure as RetryingClient.Failure {
            // Another choice of texts may pass.
            let isAboutTexts = failure.status.map { [400, 413, 422].contains($0) } ?? false
            guard texts.count > 1, isAboutTexts else {
                throw MartletError(
                    isAboutTexts ? .invalidInput : .io, "\(name): \(failure.reason)",
                    inputIndex: isAboutTexts ? start : nil)
            }
            let half = texts.count / 2
            var first = try await part(Array(texts[..<half]), start, role, options)
            let second = try await part(Array(texts[half...]), start + half, role, options)
            guard first.width == second.width else {
                throw MartletError(
                    .invalidOutput, "\(name) gave vectors of \(first.width) and \(second.width) dimensions",
                    inputIndex: start + half)
            }
            first.floats += second.floats
            first.count += second.count
            first.tokens += second.tokens
            return first
        }
    }

    private func answer(_ texts: [String], _ start: Int, _ role: TextRole?, _ options: EmbedOptions)
        async throws -> Part
    {
        let call = Provider.Call(
            model: model, texts: texts, role: role, dimensions: options.dimensions ?? dimensions,
            mayTruncate: options.truncation != .error)
        var body: [UInt8] = []
        JSONText.append(Provider.object(provider.body(call)), to: &body)
        let request = HTTPRequest(
            url: settings.address + provider.path(model),
            headers: settings.key.map { [provider.keyHeader($0)] } ?? [], body: body)
        let (rate, tokenRate) = (settings.rate, settings.tokenRate)
        let bytes = texts.reduce(0) { $0 + $1.utf8.count }
        let estimate = await tokenRate?.estimate(bytes: bytes) ?? 0
        let part = try await client.send(request) {
            try await rate?.wait()
            try await tokenRate?.wait(for: estimate)
        } read: { answer in
            checked(answer.body, texts.count, start)
        }
        await tokenRate?.settle(bytes: bytes, estimate: estimate, tokens: part.tokens)
        return part
    }

    /// A vector for each text, each once, of one length and finite.
    private func checked(_ body: [UInt8], _ count: Int, _ start: Int) -> RetryingClient.Reading<Part> {
        guard let value = try? JSONValue.parse(body) else {
            return .again("gave an answer that is not whole JSON")
        }
        guard let rows = provider.rows(value) else {
            return .again("gave an answer without vectors")
        }
        guard rows.count == count, Set(rows.map(\.index)) == Set(0..<count) else {
            return .again("gave \(rows.count) vectors for \(count) texts, or one text's twice")
        }
        let width = rows.first?.values.count ?? 0
        var floats: [Float] = []
        floats.reserveCapacity(count * width)
        for row in rows.sorted(by: { $0.index < $1.index }) {
            guard row.values.count == width, width > 0 else {
                return .again("gave vectors of \(width) and \(row.values.count) dimensions")
            }
            for value in row.values {
                guard let number = value.double.map({ Float($0) }), number.isFinite else {
                    return .again("gave a vector with something other than finite numbers")
                }
                floats.append(number)
            }
        }
        return .value(
            Part(
                start: start, count: count, floats: floats, width: width, tokens: provider.tokens(value) ?? 0)
        )
    }
}
