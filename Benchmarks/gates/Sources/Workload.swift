import Martlet
import MartletJSON
import MartletMiniLM
import MartletTokenizers

/// Work that is the same in every run, on the default model and one thread: nothing in it asks for the time.
struct Workload: Sendable {
    enum Kind: Sendable {
        case tokenize
        case embed(Precision)
        /// Rows of numbers as JSON.
        case format
    }

    let name: String
    let kind: Kind
    /// Texts of a call, and words of each.
    let texts: Int
    let words: Int
    /// Calls that are counted.
    let calls: Int

    /// f32 has few texts: valgrind computes a fused multiply-add lane by lane, a thousand times slower than
    /// the CPU.
    static let all = [
        Workload(name: "tokenize", kind: .tokenize, texts: 256, words: 40, calls: 4),
        Workload(name: "format", kind: .format, texts: 64, words: 0, calls: 4),
        Workload(name: "query-int8", kind: .embed(.int8), texts: 1, words: 6, calls: 8),
        Workload(name: "short-int8", kind: .embed(.int8), texts: 12, words: 6, calls: 1),
        Workload(name: "short-f32", kind: .embed(.f32), texts: 2, words: 6, calls: 1),
        Workload(name: "para-f32", kind: .embed(.f32), texts: 1, words: 24, calls: 1),
    ]

    /// A call that has run once.
    struct Call {
        /// Tokens of a call, or numbers.
        let tokens: Int
        /// A call; the sum of what it gives.
        let run: () throws -> Double
    }

    func prepare(_ instructionSet: InstructionSet) throws -> Call {
        let texts = GateTexts(seed: 1).texts(count: texts, words: words)
        switch kind {
        case .embed(let precision):
            let embedder = try Embedder(
                .miniLM,
                configuration: .init(threads: 1, precision: precision, instructionSet: instructionSet))
            return Call(tokens: try embedder.embedBlocking(texts).usage.tokens) {
                Double(try embedder.embedBlocking(texts).floats[0])
            }
        case .format:
            let (rows, width) = (texts.count, 384)
            let numbers = GateTexts.numbers(count: rows * width)
            var output: [UInt8] = []
            func formatAll() -> Int {
                output.removeAll(keepingCapacity: true)
                numbers.withUnsafeBufferPointer { numbers in
                    for row in 0..<rows {
                        JSONText.append(
                            UnsafeBufferPointer(rebasing: numbers[row * width..<(row + 1) * width]),
                            to: &output)
                    }
                }
                return output.count
            }
            _ = formatAll()
            return Call(tokens: numbers.count) { Double(formatAll()) }
        case .tokenize:
            let tokenizer = try Embedder(
                .miniLM, configuration: .init(threads: 1, precision: .f32, instructionSet: instructionSet)
            ).engine
                .tokenizer
            let scratch = TokenizerScratch()
            var ids: [Int32] = []
            func encodeAll() -> Int {
                ids.removeAll(keepingCapacity: true)
                for var text in texts {
                    text.withUTF8 {
                        _ = tokenizer.encode(utf8: UnsafeRawBufferPointer($0), into: &ids, scratch: scratch)
                    }
                }
                return ids.count
            }
            return Call(tokens: encodeAll()) { Double(encodeAll()) }
        }
    }
}
