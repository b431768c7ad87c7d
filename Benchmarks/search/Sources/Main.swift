import MartletIndex
import MartletSystem

/// Measures a collection in this process: usage: MartletSearchBench FOLDER N, with the files that
/// Benchmarks/search/prepare.py wrote.
@main
enum Main {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let wanted = Int(arguments[2]) else {
            print("usage: MartletSearchBench FOLDER N")
            return
        }
        let corpus = try Corpus(folder: arguments[1], count: wanted)
        try Measurements(corpus, path: "\(arguments[1])/bench-\(corpus.texts.count).martlet").run()
    }
}

/// Texts, their vectors, and questions.
struct Corpus {
    let texts: [String]
    let vectors: [[Float]]
    let questions: [String]
    let questionVectors: [[Float]]
    static let dimensions = 384

    init(folder: String, count: Int) throws {
        let texts = try Self.lines("\(folder)/texts.txt")
        vectors = Array(try Self.floats("\(folder)/texts.f32").prefix(min(count, texts.count)))
        self.texts = Array(texts.prefix(vectors.count))
        questions = try Self.lines("\(folder)/questions.txt").map {
            $0.split(separator: " ").prefix(8).joined(separator: " ")
        }
        questionVectors = try Self.floats("\(folder)/questions.f32")
    }

    private static func lines(_ path: String) throws -> [String] {
        try MappedFile(path: path).region.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }.split(
            separator: "\n"
        ).map(String.init)
    }

    private static func floats(_ path: String) throws -> [[Float]] {
        try MappedFile(path: path).region.withUnsafeBytes { bytes in
            let values = bytes.bindMemory(to: Float.self)
            return stride(from: 0, to: values.count - dimensions + 1, by: dimensions).map {
                Array(values[$0..<$0 + dimensions])
            }
        }
    }
}

struct Measurements {
    private let corpus: Corpus
    private let path: String
    private let identity = CollectionIdentity(model: "bench", fingerprint: "bench")

    init(_ corpus: Corpus, path: String) {
        self.corpus = corpus
        self.path = path
    }

    func run() throws {
        try build()
        let collection = try SearchCollection(opening: path)
        let (questions, vectors) = (corpus.questions, corpus.questionVectors)
        try measure("vectors") { try collection.search(SearchRequest(vector: vectors[$0])) }
        try measure("words") { index in
            var request = SearchRequest(text: questions[index])
            request.mode = .words
            return try collection.search(request)
        }
        try measure("hybrid") {
            try collection.search(SearchRequest(text: questions[$0], vector: vectors[$0]))
        }
        for share in [500, 100, 10, 1] {
            let filter = try Filter("number < \(share)")
            try measure("vectors, filter of \(Double(share) / 10) %") {
                try collection.search(SearchRequest(vector: vectors[$0], filter: filter))
            }
            try recall("recall@10, filter of \(Double(share) / 10) %", collection, filter)
        }
        try measure("vectors, 4 questions") { index in
            let four = (0..<4).map {
                SearchRequest.Question(vector: vectors[(index + 7 * $0) % vectors.count])
            }
            return try collection.search(SearchRequest(questions: four))
        }
        try recall("recall@10", collection, nil)
    }

    private func build() throws {
        if FolderExists.check(path) { return }
        var settings = CollectionSettings(identity: identity, dimensions: Corpus.dimensions)
        settings.fields = FieldSchema(["number": .integer, "source": .string])
        let writer = try SearchCollection.create(at: path, settings: settings).writer()
        var spent = 0.0
        for start in stride(from: 0, to: corpus.texts.count, by: 16_384) {
            let records = (start..<min(corpus.texts.count, start + 16_384)).map { index in
                Record(
                    id: "r\(index)", text: corpus.texts[index], vector: corpus.vectors[index],
                    fields: [
                        "number": .integer(index * 7919 % 1000), "source": .string("file \(index / 1000)"),
                    ])
            }
            let began = Clock.cpu()
            try writer.add(records, identity: identity)
            spent += Clock.cpu() - began
        }
        let bytes = Double(writer.snapshot.bytesOnDisk) / Double(corpus.texts.count)
        let text = Double(corpus.texts.reduce(0) { $0 + $1.utf8.count }) / Double(corpus.texts.count)
        print("build\t\(spent / 1000) CPU s\t\(bytes) bytes a row, of which \(text) of text")
        let began = Clock.cpu()
        try writer.compact()
        print("compaction\t\((Clock.cpu() - began) / 1000) CPU s")
        let one = Record(id: "one", text: "one more", vector: corpus.vectors[0], fields: [:])
        var times: [Double] = []
        for _ in 0..<50 {
            let began = Clock.wall()
            try writer.add([one], identity: identity)
            times.append(Clock.wall() - began)
        }
        times.sort()
        print("one add\tp50 \(times[25]) ms\tp90 \(times[45]) ms of wall time")
        try writer.remove(ids: ["one"])
    }

    /// Milliseconds of CPU time of this thread: other work on the machine counts less than by the clock.
    private func measure(_ name: String, _ search: (Int) throws -> [Hit]) throws {
        let count = min(300, corpus.questions.count)
        for index in 0..<20 { _ = try search(index) }
        var times: [Double] = []
        for index in 0..<count {
            let began = Clock.cpu()
            _ = try search(index)
            times.append(Clock.cpu() - began)
        }
        times.sort()
        print(
            "\(name)\tp10 \(times[count / 10])\tp50 \(times[count / 2])\tp99 \(times[count * 99 / 100]) ms of CPU time"
        )
    }

    private func recall(_ name: String, _ collection: SearchCollection, _ filter: Filter?) throws {
        var (found, wanted) = (0, 0)
        for vector in corpus.questionVectors.prefix(100) {
            var request = SearchRequest(vector: vector, filter: filter)
            let ids = Set(try collection.search(request).map(\.id))
            request.isExact = true
            let exact = try collection.search(request).map(\.id)
            found += ids.intersection(exact).count
            wanted += exact.count
        }
        print("\(name)\t\(Double(found) / Double(max(1, wanted))) of the exact order of stored vectors")
    }
}

enum Clock {
    static func cpu() -> Double { read(CLOCK_THREAD_CPUTIME_ID) }
    static func wall() -> Double { read(CLOCK_MONOTONIC) }

    private static func read(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }
}

enum FolderExists {
    static func check(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
