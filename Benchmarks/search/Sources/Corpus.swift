import Martlet
import MartletIndex
import MartletMiniLM
import MartletSystem

/// Texts, their vectors, and questions that are not among them.
///
/// Real texts come first. Where more are wanted, a further text consists of the halves of two real ones, and its
/// vector of their vectors and noise: all distinct, and about as near to each other as real ones are.
struct Corpus {
    let folder: String
    let count: Int
    let questions: [String]
    let questionVectors: [[Float]]
    private let floats: MemoryRegion
    private let bytes: MemoryRegion
    private let ends: [Int]
    let real: Int
    static let dimensions = 384
    /// More than these are without texts: only vectors are measured.
    static let mostTexts = 2_000_000

    init(_ folder: String, _ count: String) throws {
        self.folder = folder
        self.count = Int(count) ?? 100_000
        bytes = try MappedFile(path: "\(folder)/texts.txt").region
        ends = bytes.withUnsafeBytes { bytes in
            bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }
        }
        floats = try MappedFile(path: "\(folder)/texts.f32").region
        real = min(ends.count, floats.count / (4 * Self.dimensions))
        questions = try Self.lines("\(folder)/questions.txt").map {
            $0.split(separator: " ").prefix(8).joined(separator: " ")
        }
        questionVectors = try Self.vectors("\(folder)/questions.f32")
    }

    /// The model that `martlet embed` made the vectors with.
    static func identity() throws -> CollectionIdentity {
        CollectionIdentity(try Embedder(.miniLM).identity)
    }

    static func path(_ folder: String, _ count: String) -> String { "\(folder)/bench-\(count).martlet" }
    var path: String { Self.path(folder, "\(count)") }
    var hasTexts: Bool { count <= Self.mostTexts }

    func text(_ index: Int) -> String {
        if !hasTexts { return "" }
        if index < real { return realText(index) }
        let (a, b) = pair(index)
        func half(_ row: Int, _ isFirst: Bool) -> String {
            let words = realText(row).split(separator: " ")
            let middle = words.count / 2
            return (isFirst ? words[..<middle] : words[middle...]).joined(separator: " ")
        }
        return "\(half(a, true)) \(half(b, false))"
    }

    func vector(_ index: Int) -> [Float] {
        if index < real { return realVector(index) }
        let (a, b) = pair(index)
        var state = UInt64(index) &* 0x9E37_79B9_7F4A_7C15
        func noise() -> Float {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Float(Int32(truncatingIfNeeded: state >> 32)) / Float(Int32.max)
        }
        var vector = zip(realVector(a), realVector(b)).map { 0.8 * $0 + 0.5 * $1 + 0.015 * noise() }
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        for place in vector.indices { vector[place] /= length }
        return vector
    }

    func record(_ index: Int) -> Record {
        Record(
            id: "r\(index)", text: text(index), vector: vector(index),
            fields: ["number": .integer(index * 7919 % 1000), "source": .string("\(folder)/lines.jsonl")])
    }

    /// The corpus as JSONL, which `martlet index` finds unchanged in the collection.
    func writeLines() throws {
        let descriptor = open("\(folder)/lines.jsonl", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0 else { return print("cannot write \(folder)/lines.jsonl") }
        defer { close(descriptor) }
        var buffer = ""
        for index in 0..<count {
            let text = text(index).split(separator: "\\", omittingEmptySubsequences: false).joined(
                separator: "\\\\"
            )
            .split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"")
            buffer += "{\"id\":\"r\(index)\",\"text\":\"\(text)\",\"number\":\(index * 7919 % 1000)}\n"
            if buffer.utf8.count > 1 << 20 || index == count - 1 {
                let bytes = Array(buffer.utf8)
                guard write(descriptor, bytes, bytes.count) == bytes.count else {
                    return print("a short write")
                }
                buffer = ""
            }
        }
    }

    /// The vectors as raw f32, for other engines.
    func writeVectors() throws {
        let descriptor = open("\(folder)/bench-\(count).f32", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0 else { return print("cannot write \(folder)/bench-\(count).f32") }
        defer { close(descriptor) }
        for index in 0..<count {
            let vector = vector(index)
            guard write(descriptor, vector, vector.count * 4) == vector.count * 4 else {
                return print("a short write")
            }
        }
    }

    private func pair(_ index: Int) -> (Int, Int) {
        let hash = UInt64(index) &* 0xD6E8_FEB8_6659_FD93
        return (Int((hash >> 33) % UInt64(real)), Int((hash ^ hash >> 29) % UInt64(real)))
    }

    private func realText(_ index: Int) -> String {
        let start = index == 0 ? 0 : ends[index - 1] + 1
        return bytes.withUnsafeBytes { String(decoding: $0[start..<ends[index]], as: UTF8.self) }
    }

    private func realVector(_ index: Int) -> [Float] {
        floats.withUnsafeBytes { bytes in
            let values = bytes.bindMemory(to: Float.self)
            return Array(values[index * Self.dimensions..<(index + 1) * Self.dimensions])
        }
    }

    static func lines(_ path: String) throws -> [String] {
        try MappedFile(path: path).region.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }.split(
            separator: "\n"
        ).map(String.init)
    }

    static func vectors(_ path: String) throws -> [[Float]] {
        try MappedFile(path: path).region.withUnsafeBytes { bytes in
            let values = bytes.bindMemory(to: Float.self)
            return stride(from: 0, to: values.count - dimensions + 1, by: dimensions).map {
                Array(values[$0..<$0 + dimensions])
            }
        }
    }
}
