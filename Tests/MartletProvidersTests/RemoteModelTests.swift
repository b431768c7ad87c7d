import Martlet
import MartletHTTP
import MartletJSON
import Synchronization
import Testing

@testable import MartletProviders

/// A provider that answers as a script says.
private final class Script: HTTPTransport {
    enum Answer {
        case vectors
        case status(Int, Duration? = nil, String = "{\"error\":{\"message\":\"no\"}}")
        case body(String)
        case broken
    }

    let requests = Mutex<[HTTPRequest]>([])
    private let answer: @Sendable (Int, [String]) -> Answer
    private let form: @Sendable ([String]) -> String

    init(
        form: @escaping @Sendable ([String]) -> String = Script.data,
        _ answer: @escaping @Sendable (Int, [String]) -> Answer
    ) {
        self.form = form
        self.answer = answer
    }

    static func vector(_ text: String) -> String { "[\(text.utf8.count),0.5]" }

    /// In reverse order, as some servers give them.
    static let data: @Sendable ([String]) -> String = { texts in
        let rows = texts.enumerated().reversed().map {
            "{\"index\":\($0.offset),\"embedding\":\(vector($0.element))}"
        }
        return "{\"data\":[\(rows.joined(separator: ","))],\"usage\":{\"total_tokens\":\(texts.count)}}"
    }

    static func texts(_ request: HTTPRequest) -> [String] {
        guard let value = try? JSONValue.parse(request.body) else { return [] }
        if let list = value["requests"]?.array {
            return list.compactMap { $0["content"]?["parts"]?[0]?["text"]?.string }
        }
        return (value["input"] ?? value["texts"] ?? value["inputs"])?.array?.compactMap(\.string) ?? []
    }

    func send(_ request: HTTPRequest) async throws -> HTTPAnswer {
        let count = requests.withLock { requests in
            requests.append(request)
            return requests.count - 1
        }
        let texts = Self.texts(request)
        switch answer(count, texts) {
        case .vectors: return HTTPAnswer(status: 200, body: Array(form(texts).utf8))
        case .status(let status, let wait, let body):
            return HTTPAnswer(status: status, retryAfter: wait, body: Array(body.utf8))
        case .body(let body): return HTTPAnswer(status: 200, body: Array(body.utf8))
        case .broken: throw TransportFailure("the connection was closed")
        }
    }
}

@Suite struct RemoteModelTests {
    private final class Pauses: Sendable {
        let all = Mutex<[Duration]>([])
    }

    private let pauses = Pauses()

    private func open(
        _ script: Script, _ provider: String = "openai", key: String? = "sk-secret", parallel: Int = 3,
        size: Int? = 4,
        dimensions: Int? = nil
    ) async throws -> RemoteModel {
        let provider = try #require(Provider.named(provider))
        var settings = RemoteModel.Settings(address: "http://test", key: key, parallel: parallel)
        settings.textsPerRequest = size
        settings.retries.sleep = { [pauses] pause in pauses.all.withLock { $0.append(pause) } }
        settings.retries.jitter = { 0 }
        settings.retries.attempts = 4
        return try await RemoteModel.open(
            provider, model: "m", settings: settings, dimensions: dimensions, transport: script)
    }

    private func first(_ embeddings: Embeddings) -> [Float] {
        stride(from: 0, to: embeddings.floats.count, by: 2).map { embeddings.floats[$0] }
    }

    private let texts = (0..<10).map { String(repeating: "x", count: $0 + 1) }

    @Test func `texts keep their order over parallel requests whose answers are in another`() async throws {
        let script = Script { _, _ in .vectors }
        let model = try await open(script)
        #expect(model.identity.space.weights == "openai:m" && model.identity.space.dimensions == 2)
        let found = try await model.embed(texts, as: nil, options: EmbedOptions())
        #expect(first(found) == (1...10).map { Float($0) })
        #expect(found.usage.tokens == 10)
        #expect(script.requests.withLock { $0.map { Script.texts($0).count }.sorted() } == [1, 2, 4, 4])
        #expect(script.requests.withLock { $0.allSatisfy { $0.headers.first?.value == "Bearer sk-secret" } })
        #expect(try await model.embed([], as: nil, options: EmbedOptions()).count == 0)
    }

    /// The first requests wait for each other.
    private final class Crowd: HTTPTransport {
        struct State {
            var (begun, atOnce, mostAtOnce) = (0, 0, 0)
        }

        let state = Mutex(State())
        let meeting: Int

        init(meeting: Int) { self.meeting = meeting }

        func send(_ request: HTTPRequest) async throws -> HTTPAnswer {
            state.withLock { state in
                state.begun += 1
                state.atOnce += 1
                state.mostAtOnce = max(state.mostAtOnce, state.atOnce)
            }
            // The first of all is the probe.
            while state.withLock({ $0.begun > 1 && $0.begun < 1 + meeting }) {
                try await Task.sleep(for: .milliseconds(1))
            }
            state.withLock { $0.atOnce -= 1 }
            return HTTPAnswer(status: 200, body: Array(Script.data(Script.texts(request)).utf8))
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func `two calls together have as many requests on the way as one may have`() async throws {
        let crowd = Crowd(meeting: 3)
        var settings = RemoteModel.Settings(address: "http://test", parallel: 3)
        settings.textsPerRequest = 1
        let model = try await RemoteModel.open(
            try #require(Provider.named("openai")), model: "m", settings: settings, transport: crowd)
        // Neither call has three requests by itself.
        async let one = model.embed(["a", "bb"], as: nil, options: EmbedOptions())
        async let two = model.embed(["ccc", "dddd"], as: nil, options: EmbedOptions())
        #expect(first(try await one) == [1, 2])
        #expect(first(try await two) == [3, 4])
        #expect(crowd.state.withLock { $0.mostAtOnce } == 3)
    }

    @Test func `who waits for a slot can be cancelled, and the slot goes to the next`() async throws {
        let slots = RequestSlots(1)
        let (held, release) = AsyncStream.makeStream(of: Void.self)
        let (taken, take) = AsyncStream.makeStream(of: Void.self)
        let holder = Task {
            try await slots.withSlot {
                take.finish()
                for await _ in held {}
            }
        }
        for await _ in taken {}
        let waiting = Task { try await slots.withSlot {} }
        let next = Task { try await slots.withSlot { "next" } }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        release.finish()
        try await holder.value
        #expect(try await next.value == "next")
    }

    @Test func `a storm of refusals is waited out as the server asks`() async throws {
        let script = Script { count, _ in
            count > 0 && count < 4 ? .status(429, count == 1 ? .seconds(7) : nil) : .vectors
        }
        let model = try await open(script, parallel: 1)
        let found = try await model.embed(["a"], as: nil, options: EmbedOptions())
        #expect(found.count == 1)
        #expect(pauses.all.withLock { $0 } == [.seconds(7), .seconds(2), .seconds(4)])
    }

    @Test(arguments: [
        "{\"data\":[{\"index\":0,\"embed", "{}", "{\"data\":[]}",
        "{\"data\":[{\"index\":1,\"embedding\":[1,2]}]}",
        "{\"data\":[{\"index\":0,\"embedding\":[1,\"a\"]}]}",
        "{\"data\":[{\"index\":0,\"embedding\":[1,1e300]}]}",
        "{\"data\":[{\"index\":0,\"embedding\":[]}]}",
    ])
    func `an answer that does not fit is asked for again, and then an error`(body: String) async throws {
        let once = try await open(Script { count, _ in count == 1 ? .body(body) : .vectors })
        #expect(try await once.embed(["abc"], as: nil, options: EmbedOptions()).floats == [3, 0.5])
        let always = try await open(Script { count, _ in count > 0 ? .body(body) : .vectors })
        let error = await #expect(throws: MartletError.self) {
            try await always.embed(["abc"], as: nil, options: EmbedOptions())
        }
        #expect(error?.message.contains("openai:m") == true && error?.message.contains("4 attempts") == true)
    }

    @Test func `broken connections are retried`() async throws {
        let model = try await open(Script { count, _ in count == 1 || count == 2 ? .broken : .vectors })
        #expect(try await model.embed(["abc"], as: nil, options: EmbedOptions()).count == 1)
    }

    @Test
    func `the text at fault is found by halving, and the others are not asked for twice as whole requests`()
        async throws
    {
        let script = Script { _, texts in
            texts.contains("bad") ? .status(400, nil, "{\"error\":{\"message\":\"too long\"}}") : .vectors
        }
        let model = try await open(script, parallel: 1, size: 8)
        let all = ["a", "b", "c", "d", "e", "bad", "g", "h"]
        let error = await #expect(throws: MartletError.self) {
            try await model.embed(all, as: nil, options: EmbedOptions())
        }
        #expect(error?.inputIndex == 5 && error?.message.contains("too long") == true)
        // The probe, the whole, then the halves down to the text at fault: those before it first.
        #expect(script.requests.withLock { $0.map { Script.texts($0).count } } == [1, 8, 4, 4, 2, 1, 1])
    }

    @Test func `a key that is refused ends at once and is not shown`() async throws {
        let script = Script { _, _ in .status(401, nil, "{\"error\":{\"message\":\"wrong key sk-secret\"}}") }
        let error = await #expect(throws: MartletError.self) { try await open(script) }
        #expect(error?.message.contains("wrong key …") == true)
        #expect(script.requests.withLock { $0.count } == 1)
    }

    @Test func `another number of dimensions is an error`() async throws {
        let model = try await open(
            Script { count, _ in
                count > 0 ? .body("{\"data\":[{\"index\":0,\"embedding\":[1,2,3]}]}") : .vectors
            })
        let error = await #expect(throws: MartletError.self) {
            try await model.embed(["a"], as: nil, options: EmbedOptions())
        }
        #expect(error?.code == .invalidOutput && error?.message.contains("3 dimensions") == true)
    }

    @Test func `options that a provider has not are refused`() async throws {
        let model = try await open(Script { _, _ in .vectors })
        for options in [
            EmbedOptions(pooling: .mean), EmbedOptions(normalize: true), EmbedOptions(truncation: .start),
        ] {
            await #expect(throws: MartletError.self) {
                try await model.embed(["a"], as: nil, options: options)
            }
        }
        await #expect(throws: MartletError.self) {
            try await open(Script { _, _ in .vectors }, "tei", dimensions: 8)
        }
    }

    @Test(arguments: Provider.all.map(\.name))
    func `each provider's form is written and read`(name: String) async throws {
        let lists: @Sendable ([String]) -> String = { texts in
            "[" + texts.map(Script.vector).joined(separator: ",") + "]"
        }
        let form: @Sendable ([String]) -> String = { texts in
            switch name {
            case "cohere":
                "{\"embeddings\":{\"float\":\(lists(texts))},\"meta\":{\"billed_units\":{\"input_tokens\":9}}}"
            case "gemini":
                "{\"embeddings\":[" + texts.map { "{\"values\":\(Script.vector($0))}" }.joined(separator: ",")
                    + "]}"
            case "ollama": "{\"embeddings\":\(lists(texts)),\"prompt_eval_count\":9}"
            case "tei": lists(texts)
            default: Script.data(texts)
            }
        }
        let script = Script(form: form) { _, _ in .vectors }
        let model = try await open(script, name, dimensions: name == "tei" ? nil : 2)
        let found = try await model.embed(
            ["a", "bcd"], as: .query, options: EmbedOptions(truncation: .error, prompt: "p"))
        #expect(first(found) == [2, 4])
        let sent = try #require(script.requests.withLock { $0.last })
        let body = String(decoding: sent.body, as: UTF8.self)
        let expected: [String: [String]] = [
            "openai": ["\"dimensions\":2", "\"model\":\"m\""], "mistral": ["\"output_dimension\":2"],
            "cohere": ["\"input_type\":\"search_query\"", "\"truncate\":\"NONE\"", "\"output_dimension\":2"],
            "voyage": ["\"input_type\":\"query\"", "\"truncation\":false"],
            "jina": ["\"task\":\"retrieval.query\"", "\"dimensions\":2"],
            "gemini": [
                "\"taskType\":\"RETRIEVAL_QUERY\"", "\"outputDimensionality\":2", "\"model\":\"models/m\"",
            ],
            "ollama": ["\"truncate\":false"], "tei": ["{\"inputs\":[\"pa\",\"pbcd\"],\"truncate\":false}"],
        ]
        for part in expected[name] ?? ["no expectation for \(name)"] {
            #expect(body.contains(part), "\(body)")
        }
        #expect(sent.headers.map(\.name) == [name == "gemini" ? "x-goog-api-key" : "Authorization"])
    }

    @Test(arguments: [
        ("ollama", "0.0.0.0", "http://0.0.0.0:11434"), ("ollama", "gpu.lan:80/", "http://gpu.lan:80"),
        ("ollama", "[::1]/proxy", "http://[::1]:11434/proxy"), ("ollama", "https://h/", "https://h"),
        ("openai", "h/v1/", "http://h/v1"), ("tei", "h:8080", "http://h:8080"),
    ])
    func `an address may leave out its scheme, and Ollama's its port`(
        name: String, address: String, url: String
    ) throws {
        #expect(try #require(Provider.named(name)).url(address) == url)
    }

    @Test func `requests keep to the limits of count and bytes`() {
        #expect(RemoteModel.ranges(of: ["a", "b", "c"], count: 2) == [0..<2, 2..<3])
        let long = String(repeating: "x", count: 300_000)
        #expect(RemoteModel.ranges(of: [long, long, "a"], count: 9) == [0..<1, 1..<3])
        #expect(RemoteModel.ranges(of: [], count: 2).isEmpty)
    }

    @Test func `a rate spreads requests evenly`() async throws {
        let time = Mutex<Duration>(.zero)
        let rate = RateLimit(4, per: .seconds(1)) {
            time.withLock { $0 }
        } sleep: { pause in
            time.withLock { $0 += pause }
        }
        var moments: [Duration] = []
        for _ in 0..<6 {
            try await rate.wait()
            moments.append(time.withLock { $0 })
        }
        #expect(moments == (0..<6).map { .milliseconds(255 * $0) })
        try await rate.wait(for: 4)
        try await rate.wait()
        #expect(time.withLock { $0 } == .milliseconds(255 * 10))
        await rate.correct(by: -1)
        try await rate.wait()
        #expect(time.withLock { $0 } == .milliseconds(255 * 10))
    }

    @Test func `rates are requests or tokens in a time`() {
        let requests = Rate("3000/min")
        #expect(requests?.count == 3000 && requests?.unit == .requests && requests?.period == .seconds(60))
        let tokens = Rate("1000000tokens/h")
        #expect(tokens?.count == 1_000_000 && tokens?.unit == .tokens && tokens?.period == .seconds(3600))
        for text in ["0/s", "3", "3/fortnight", "tokens/s", "-1tokens/s", "3/s/s"] {
            #expect(Rate(text) == nil)
        }
    }

    @Test func `tokens are estimated by what answers said, and set right by them`() async throws {
        let time = Mutex<Duration>(.zero)
        let limit = RateLimit(100, per: .seconds(1)) {
            time.withLock { $0 }
        } sleep: { pause in
            time.withLock { $0 += pause }
        }
        var settings = RemoteModel.Settings(address: "http://test", parallel: 1)
        settings.tokenRate = TokenRate(limit)
        settings.textsPerRequest = 1
        // The script counts one token for each text, whatever its length.
        let model = try await RemoteModel.open(
            try #require(Provider.named("openai")), model: "m", settings: settings,
            transport: Script { _, _ in .vectors })
        let text = String(repeating: "x", count: 70)
        _ = try await model.embed([text], as: nil, options: EmbedOptions())
        // "martlet" has 7 bytes and one token, so 70 bytes are ten tokens until the answer says one.
        #expect(await settings.tokenRate?.estimate(bytes: 77) == 2)
        let before = time.withLock { $0 }
        try await limit.wait()
        #expect((.milliseconds(10) ... .milliseconds(11)).contains(time.withLock { $0 } - before))
    }

    @Test func `the first vector is a probe of the model`() async throws {
        let model = try await open(Script { _, _ in .vectors })
        #expect(model.probe == [7, 0.5])
    }
}
