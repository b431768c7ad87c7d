#if Command

import ArgumentParser
import Martlet
import MartletData
import MartletJSON

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compare a model's vectors with expected ones; status 1 if they are too far apart.",
        discussion: """
            Each line of the golden file is {"text": …, "embedding": […]}, and may have "options" with role, prompt, pooling, dimensions, \
            normalize and truncation.

            EXAMPLES
              martlet verify path/to/model golden.jsonl --precision f32
              martlet verify path/to/model golden.jsonl --precision int8 --threshold 0.997
            """)

    @Argument(
        help: ArgumentHelp(
            "Model folder, GGUF file, or name of a model that was pulled.", valueName: "model"),
        completion: .file())
    var path: String
    @Argument(
        help: ArgumentHelp("Texts with expected vectors.", valueName: "golden.jsonl"), completion: .file())
    var golden: String
    @Option(help: ArgumentHelp("The least cosine that passes.", valueName: "cosine"))
    var threshold = 0.9999
    @Flag(help: "One JSON object.")
    var json = false
    @OptionGroup(title: "Model") var model: VerifyModelOptions

    func validate() throws {
        guard threshold > -1, threshold <= 1 else {
            throw CommandError.usage("--threshold \(threshold): expected a cosine above -1, up to 1")
        }
    }

    func run() throws {
        try ByteSource.check(golden)
        var reader = GoldenReader(try .file(golden))
        let embedder = try Embedder(ModelName.source(path), configuration: model.configuration)
        var outcome = Agreement()
        while let first = try reader.next() {
            let vector: Embedding
            do throws(MartletError) {
                vector = try embedder.embedBlocking([first.text], as: first.role, options: first.options)[0]
            } catch {
                throw CommandError("\(first.place): \(error.message(calling: "the text"))")
            }
            guard vector.count == first.expected.count else {
                throw CommandError(
                    "\(first.place): \(first.expected.count) numbers expected, the model gives \(vector.count); is it this model?"
                )
            }
            outcome.add(vector.values, first.expected, place: first.place)
        }
        guard outcome.count > 0 else {
            throw CommandError("\(golden): no lines; expected {\"text\": …, \"embedding\": […]}")
        }
        try StandardOutput.write(json ? outcome.json(threshold) : outcome.text(threshold))
        if outcome.worst < threshold {
            throw CommandError(
                "\(outcome.worstPlace): cosine \(outcome.worst) is under the threshold \(threshold); "
                    + "try --precision f32, and compare the pipeline of martlet inspect with the original's")
        }
    }
}

struct VerifyModelOptions: ParsableArguments {
    @Option(help: "Arithmetic of the matrix products.")
    var precision: Precision = .auto
    @Option(help: ArgumentHelp("Threads.", valueName: "n"))
    var threads: Int?
    @Option(name: .customLong("isa"), help: "SIMD kernels.")
    var instructionSet: InstructionSet?

    var configuration: ModelConfiguration {
        ModelConfiguration(threads: threads, precision: precision, instructionSet: instructionSet)
    }
}

/// How close vectors are to the expected ones.
struct Agreement: Sendable {
    private(set) var count = 0
    private(set) var worst = 2.0
    private(set) var worstPlace = ""
    private(set) var largestDifference = 0.0
    private var sum = 0.0

    var mean: Double { count > 0 ? sum / Double(count) : 0 }

    /// Of vectors with as many elements. A vector without length agrees only with its equal, one that is not
    /// finite with none.
    mutating func add(_ a: [Float], _ b: [Float], place: String) {
        var (dot, aa, bb) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            let (x, y) = (Double(x), Double(y))
            dot += x * y
            aa += x * x
            bb += y * y
            let difference = (x - y).magnitude
            if !(difference <= largestDifference) { largestDifference = difference }
        }
        let length = (aa * bb).squareRoot()
        let cosine = !dot.isFinite || !length.isFinite ? -1 : length > 0 ? dot / length : aa == bb ? 1 : 0
        count += 1
        sum += cosine
        if cosine < worst {
            worst = cosine
            worstPlace = place
        }
    }

    func text(_ threshold: Double) -> String {
        """
        texts               \(Format.grouped(count))
        worst cosine        \(Format.fixed(worst, 8))  (\(worstPlace))
        mean cosine         \(Format.fixed(mean, 8))
        largest difference  \(largestDifference)
        \(worst >= threshold ? "passed" : "FAILED"), threshold \(threshold)

        """
    }

    func json(_ threshold: Double) -> String {
        var bytes: [UInt8] = []
        let number = { (value: Double) -> JSONValue in value.isFinite ? .number(value) : .null }
        let members: [(String, JSONValue)] = [
            ("texts", .integer(count)), ("worst_cosine", number(worst)), ("worst", .string(worstPlace)),
            ("mean_cosine", number(mean)),
            ("largest_difference", number(largestDifference)), ("threshold", .number(threshold)),
            ("passed", .bool(worst >= threshold)),
        ]
        JSONText.append(.object(JSONObject(members.map { .init(key: $0.0, value: $0.1) })), to: &bytes)
        return String(decoding: bytes, as: UTF8.self) + "\n"
    }
}

#endif
