import MartletCompute
import MartletMiniLM
import Testing

@testable import Martlet

@Suite("An embedder")
struct EmbedderTests {
    @Test func isSafeToCallFromManyTasks() async throws {
        let embedder = try embedder("bert-mini", threads: 3)
        let rows = try GoldenRow.read("bert-mini").filter { $0.options == .init() }
        let expected = try embedder.embedBlocking(rows.map(\.text))
        try await withThrowingTaskGroup(of: (Int, [Embedding]).self) { group in
            for task in 0..<50 {
                group.addTask {
                    let picked = (0..<5).map { rows[(task * 7 + $0 * 3) % rows.count].text }
                    switch task % 3 {
                    case 0: return (task, Array(try await embedder.embed(picked)))
                    case 1:
                        var found: [Embedding] = []
                        for text in picked { found.append(try await embedder.embed(text)) }
                        return (task, found)
                    default: return (task, Array(try embedder.embedBlocking(picked)))
                    }
                }
            }
            for try await (task, found) in group {
                #expect(
                    found.bits
                        == (0..<5).map { expected[(task * 7 + $0 * 3) % rows.count].map(\.bitPattern) },
                    "task \(task)")
            }
        }
    }

    @Test func aCancelledTaskDoesNotBegin() async throws {
        let embedder = try embedder("bert-narrow")
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await embedder.embed(["zopa"])
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let tokens = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await embedder.tokenVectors(of: "zopa")
        }
        tokens.cancel()
        await #expect(throws: CancellationError.self) { try await tokens.value }
        #expect(try await embedder.embed(["zopa"]).count == 1)
    }

    @Test func blockingAndAsyncAreTheSame() async throws {
        let embedder = try embedder("bert-dense")
        let texts = ["zopa", "turi luteve", ""]
        let options = EmbedOptions(dimensions: 7, normalize: false)
        let blocking = try embedder.embedBlocking(texts, as: .query, options: options)
        let awaited = try await embedder.embed(texts, as: .query, options: options)
        #expect(awaited == blocking && awaited.usage == blocking.usage && awaited.dimensions == 7)
        #expect(try await embedder.embed("zopa", as: .query, options: options) == blocking[0])
    }

    @Test func noTextsGiveNoVectors() async throws {
        let found = try await embedder("bert-mini").embed([])
        #expect(found.isEmpty && found.dimensions == 32 && found.usage == Usage())
    }

    @Test func rolesAndPrompts() throws {
        let embedder = try embedder("bert-dense")
        func vector(_ role: TextRole?, _ prompt: String? = nil) throws -> [UInt32] {
            try embedder.embedBlocking(["zopa turi"], as: role, options: .init(prompt: prompt)).bits
        }
        #expect(try vector(.query) == vector(nil, "query: ") && vector(.document) == vector(nil, "passage: "))
        #expect(
            try vector(nil) == vector(.document) && vector(TextRole(promptName: "query")) == vector(.query))
        #expect(try vector(.query) != vector(.document) && vector(.query, "") == vector(nil, ""))
        #expect(
            try embedder.tokenize("zopa", as: .query).ids
                == embedder.tokenize("query: zopa", options: .init(prompt: "")).ids)
        let error = #expect(throws: MartletError.self) { try vector(TextRole(promptName: "title")) }
        #expect(error?.code == .invalidOption && error?.message.contains(#""title""#) == true)
        #expect(throws: MartletError.self) {
            try embedder.tokenize("zopa", as: TextRole(promptName: "title"))
        }
        let plain = try Martlet.Embedder(
            modelAt: Goldens.path("models/bert-mini"), configuration: .init(threads: 1))
        #expect(try plain.embedBlocking(["a"], as: .query).bits == plain.embedBlocking(["a"]).bits)
    }

    @Test func optionsThatDoNotFit() throws {
        let embedder = try embedder("bert-mini")
        for dimensions in [0, -1, 33, Int.max, Int.min] {
            let error = #expect(throws: MartletError.self) {
                try embedder.embedBlocking(["a"], options: .init(dimensions: dimensions))
            }
            #expect(
                error?.code == .invalidOption && error?.message.contains("\(dimensions)") == true
                    && error?.message.contains("32") == true)
        }
        #expect(try embedder.embedBlocking(["a"], options: .init(dimensions: 32)).dimensions == 32)
        #expect(throws: MartletError.self) { try embedder.embedBlocking([], options: .init(dimensions: 0)) }
    }

    @Test func configurationsThatDoNotFit() throws {
        let path = Goldens.path("models/bert-mini")
        for threads in [0, -1, 1025, Int.max] {
            let error = #expect(throws: MartletError.self) {
                try Martlet.Embedder(modelAt: path, configuration: .init(threads: threads))
            }
            #expect(error?.code == .invalidOption && error?.message.contains("threads \(threads)") == true)
        }
        for budget in [0, -5, 1 << 25, Int.max] {
            let error = #expect(throws: MartletError.self) {
                try Martlet.Embedder(modelAt: path, configuration: .init(maxBatchTokens: budget))
            }
            #expect(error?.code == .invalidOption && error?.message.contains("\(budget)") == true)
        }
        let missing = InstructionSet.allCases.filter { !InstructionSet.here.contains($0) }
        #expect(!missing.isEmpty)
        for isa in missing {
            let error = #expect(throws: MartletError.self) {
                try Martlet.Embedder(modelAt: path, configuration: .init(instructionSet: isa))
            }
            #expect(error?.code == .invalidOption && error?.message.contains(isa.rawValue) == true)
        }
        #expect(Kernels(named: "sse9") == nil && Kernels(named: "scalar") != nil)
        #expect(InstructionSet.here.count == Kernels.available.count, "every table has a public name")
    }

    /// A limit of the caller's takes the place of the model's, within what the model can do.
    @Test func limitsOfTokens() throws {
        let path = Goldens.path("models/bert-mini")
        let text = String(repeating: "zopa ", count: 300)
        for limit in [2, 10, 256] {
            let embedder = try Martlet.Embedder(
                modelAt: path, configuration: .init(threads: 1, maxTokens: limit))
            let usage = try embedder.embedBlocking([text, ""]).usage
            #expect(
                embedder.model.maxTokens == limit && usage.tokens == limit + 2 && usage.truncatedInputs == [0]
            )
        }
        for limit in [-1, 0, 1, 257, Int.max] {
            let error = #expect(throws: MartletError.self) {
                try Martlet.Embedder(modelAt: path, configuration: .init(maxTokens: limit))
            }
            #expect(error?.code == .invalidOption && error?.message.contains("\(limit)") == true)
        }
    }

    /// An embedder that goes away while its calls run does not take them with it, nor leave its threads
    /// behind to crash.
    @Test func comesAndGoes() async throws {
        for _ in 0..<20 {
            async let first = embedder("bert-narrow", threads: 4).embed(["zopa", "turi"])
            async let second = embedder("bert-narrow", threads: 2).embed("zopa")
            let (block, vector) = try await (first, second)
            #expect(block[0] == vector)
        }
    }
}
