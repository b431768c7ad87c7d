import MartletJSON
import Testing

@testable import Martlet

/// A text under a task, see Scripts/task-goldens.py.
private struct TaskGolden {
    let task: String?
    let prompt: String
    let text: String
    let tokens: Int
    let embedding: [Float]

    static let folder = Goldens.path("tasks/jina-v3")

    static func read() throws -> [TaskGolden] {
        try SparseGolden.lines(folder + "/goldens.jsonl").map { json in
            TaskGolden(
                task: json["task"]?.string, prompt: try json.string("prompt"), text: try json.string("text"),
                tokens: try json.int("tokens"), embedding: try json.floats("embedding"))
        }
    }
}

/// jina-embeddings-v3 with the adapter of each task gives the vectors of the published definition.
@Suite("Adapters for tasks")
struct TaskTests {
    static let tasks = [
        "retrieval.query", "retrieval.passage", "separation", "classification", "text-matching",
    ]

    private func embedder(_ task: String?, _ precision: Precision = .f32, _ isa: InstructionSet? = nil) throws
        -> Embedder
    {
        try Embedder(
            modelAt: TaskGolden.folder,
            configuration: .init(threads: 2, precision: precision, instructionSet: isa, task: task))
    }

    private func worst(_ found: some Sequence<Embedding>, _ rows: [TaskGolden]) -> Float {
        zip(found, rows).reduce(1) {
            min($0, (try? $1.0.cosineSimilarity(to: Embedding($1.1.embedding))) ?? -1)
        }
    }

    @Test(arguments: [nil] + tasks.map(Optional.some), InstructionSet.here)
    func f32(_ task: String?, _ isa: InstructionSet) throws {
        let rows = try TaskGolden.read().filter { $0.task == task }
        try #require(!rows.isEmpty)
        let embedder = try embedder(task, .f32, isa)
        for prompt in Set(rows.map(\.prompt)) {
            let rows = rows.filter { $0.prompt == prompt }
            let vectors = try embedder.embedBlocking(rows.map(\.text), options: .init(prompt: prompt))
            try #require(vectors.count == rows.count)
            #expect(worst(vectors, rows) >= 0.99999, "\(task ?? "no task"), \(isa): \(worst(vectors, rows))")
            #expect(vectors.usage.tokens == rows.reduce(0) { $0 + $1.tokens })
            for (row, vector) in zip(rows, vectors) {
                #expect(
                    try embedder.embedBlocking([row.text], options: .init(prompt: prompt))[0] == vector,
                    "\(row.text.prefix(20)) alone")
            }
        }
    }

    @Test(arguments: tasks)
    func narrowPrecisions(_ task: String) throws {
        let goldens = try TaskGolden.read().filter(\.prompt.isEmpty)
        let rows = goldens.filter { $0.task == task }
        try #require(!rows.isEmpty)
        for (precision, bound) in [(Precision.bf16, Float(0.995)), (.int8, 0.97)] {
            let vectors = try embedder(task, precision).embedBlocking(
                rows.map(\.text), options: .init(prompt: ""))
            try #require(vectors.count == rows.count)
            for (row, vector) in zip(rows, vectors) {
                let right = try vector.cosineSimilarity(to: Embedding(row.embedding))
                let others = goldens.filter { $0.text == row.text && $0.task != task }
                try #require(
                    others.count == Self.tasks.count, "those of the other tasks, and the one without a task")
                for other in others {
                    let wrong = try vector.cosineSimilarity(to: Embedding(other.embedding))
                    #expect(
                        right > wrong,
                        "\(precision): \(task) \(right), \(other.task ?? "no task") \(wrong), \(row.text.prefix(20))"
                    )
                }
            }
            #expect(worst(vectors, rows) >= bound, "\(task), \(precision): \(worst(vectors, rows))")
        }
    }

    /// The goldens of tasks are far enough from each other to tell a wrong adapter.
    @Test func tasksDiffer() throws {
        let rows = try TaskGolden.read().filter { $0.prompt.isEmpty }
        let texts = Dictionary(grouping: rows, by: \.text)
        for rows in texts.values {
            for (index, row) in rows.enumerated() {
                for other in rows[(index + 1)...] {
                    #expect(
                        try Embedding(row.embedding).cosineSimilarity(to: Embedding(other.embedding)) < 0.999)
                }
            }
        }
    }

    /// A task's prompt is the default, and roles stand for the prompts of retrieval.
    @Test func prompts() throws {
        let rows = try TaskGolden.read().filter { $0.task == "retrieval.query" && !$0.prompt.isEmpty }
        let query = try embedder("retrieval.query")
        let expected = try query.embedBlocking(rows.map(\.text), options: .init(prompt: "zopa balo: "))
        #expect(
            try query.embedBlocking(rows.map(\.text)) == expected
                && query.embedBlocking(rows.map(\.text), as: .query) == expected)
        let document = try query.embedBlocking(rows.map(\.text), options: .init(prompt: "the document: "))
        #expect(try query.embedBlocking(rows.map(\.text), as: .document) == document && document != expected)
        #expect(query.model.defaultPromptName == "retrieval.query")
        let plain = try embedder(nil)
        #expect(plain.model.defaultPromptName == nil && plain.model.prompts["query"] == nil)
    }

    @Test func whatItSaysOfItself() throws {
        for task in [nil, "separation"] {
            let info = try embedder(task).model
            #expect(info.tasks == Self.tasks && info.task == task)
            let note = task == nil ? "without a task; naming one adds" : "The adapter for separation is added"
            #expect(info.notes.contains { $0.contains(note) })
        }
        let info = try Embedder(modelAt: Goldens.path("models/bert-mini"), configuration: .init(threads: 1))
            .model
        #expect(info.tasks.isEmpty && info.task == nil)
    }

    @Test func tasksThatAreNotThere() throws {
        let wrong = #expect(throws: MartletError.self) { try embedder("retrieval") }
        #expect(
            wrong?.code == .invalidOption
                && wrong?.message.contains(Self.tasks.joined(separator: ", ")) == true)
        let loaders: [(ModelConfiguration) throws -> Void] = [
            { _ = try Embedder(modelAt: Goldens.path("models/bert-mini"), configuration: $0) },
            { _ = try Embedder(modelAt: Goldens.path("encoders/nomic-bert/model.gguf"), configuration: $0) },
            { _ = try Reranker(modelAt: Goldens.path("classifiers/bert-cross"), configuration: $0) },
            { _ = try SparseEmbedder(modelAt: SparseGolden.folder("splade-bert"), configuration: $0) },
            { _ = try MultiVectorEmbedder(modelAt: Goldens.path("multi/pylate"), configuration: $0) },
            { _ = try ContextualEmbedder(modelAt: Goldens.path("contextual/cde"), configuration: $0) },
        ]
        for (index, load) in loaders.enumerated() {
            let error = #expect(throws: MartletError.self) { try load(.init(threads: 1, task: "separation")) }
            #expect(
                error?.code == .invalidOption && error?.message.contains("task \"separation\"") == true,
                "\(index): \(error?.message ?? "")"
            )
        }
    }

    static let malformed = [
        (#""lora_rank": 3"#, #""lora_rank": 4"#, "lora_"),
        (#""lora_rank": 3"#, #""lora_rank": 0"#, "lora_rank"),
        (#""lora_alpha": 2"#, #""lora_alpha": "2""#, "lora_alpha"),
        (#""text-matching""#, #""separation""#, "different names"),
        (#""separation","#, "", "lora_"),
    ]

    @Test(arguments: malformed.indices)
    func malformedAdapters(_ index: Int) throws {
        let (old, new, says) = Self.malformed[index]
        let folder = try TestFolder()
        for name in [
            "config.json", "modules.json", "1_Pooling/config.json", "model.safetensors", "tokenizer.json",
            "tokenizer_config.json",
        ] {
            var bytes = try ModelCopy.read(TaskGolden.folder + "/" + name)
            if name == "config.json" {
                bytes.replaceSubrange(
                    try #require(bytes.firstRange(of: Array(old.utf8))), with: Array(new.utf8))
            }
            try folder.write(name, bytes)
        }
        let error = #expect(throws: MartletError.self) {
            try Embedder(modelAt: folder.path, configuration: .init(threads: 1, task: "classification"))
        }
        #expect(
            error?.code == .invalidModel && error?.message.contains(says) == true, "\(error?.message ?? "")")
    }
}
