import MartletIndex
import MartletSystem

/// Building a collection, adding to it, and compacting it.
struct BuildBenchmark {
    private let corpus: Corpus
    private static let recordsAtOnce = 16_384

    init(_ corpus: Corpus) { self.corpus = corpus }

    func run() throws {
        let identity = try Corpus.identity()
        let (writer, spent, memory) = try Self.build(
            corpus, at: corpus.path, rows: 0..<corpus.count, identity)
        let (count, hundreds) = (corpus.count, Double(corpus.count) / 100_000)
        let bytes = Double(writer.snapshot.bytesOnDisk) / Double(count)
        let text = (0..<min(count, 10_000)).reduce(0) { $0 + corpus.text($1).utf8.count } / min(count, 10_000)
        row(
            "building \(count), words included", "1 CPU-second per 100,000",
            "\(decimals(spent / 1000)) CPU-seconds, \(decimals(spent / 1000 / hundreds)) per 100,000")
        row(
            "bytes a record on disk, \(text) of them text", "1.1 × (820 + text) = \((820 + text) * 11 / 10)",
            decimals(bytes, 0))
        row(
            "memory of adding, above mapped files and the caller's records", "64 MiB",
            "\(decimals(memory, 0)) MiB")

        let one = Record(id: "one", text: "one more", vector: corpus.vector(0), fields: [:])
        let added = try Timing.of(200, warm: 5) { _ in try writer.add([one], identity: identity) }
        row("one add, durable and searchable", "5 ms", added.text)
        try writer.remove(ids: ["one"])
    }

    static func build(_ corpus: Corpus, at path: String, rows: Range<Int>, _ identity: CollectionIdentity)
        throws -> (writer: CollectionWriter, cpu: Double, memory: Double)
    {
        var settings = CollectionSettings(identity: identity, dimensions: Corpus.dimensions)
        settings.chunker = "auto"
        settings.fields = FieldSchema(["number": .integer, "source": .string])
        // Ten million halves would need 8 GB of disk.
        if !corpus.hasTexts { settings.store = .int8 }
        let writer = try SearchCollection.create(at: path, settings: settings).writer()
        var spent = 0.0
        var memory = 0.0
        for start in stride(from: rows.lowerBound, to: rows.upperBound, by: recordsAtOnce) {
            let records = (start..<min(rows.upperBound, start + recordsAtOnce)).map { corpus.record($0) }
            let began = Clock.cpu()
            memory = max(memory, try Memory.growth { try writer.add(records, identity: identity) })
            spent += Clock.cpu() - began
        }
        return (writer, spent, memory)
    }

    /// In a process of its own, which has nothing else in memory.
    static func compact(_ path: String) throws {
        let writer = try SearchCollection(opening: path).writer()
        let count = writer.snapshot.count
        let began = Clock.cpu()
        let memory = try Memory.growth { try writer.compact() }
        let spent = (Clock.cpu() - began) / 1000
        row(
            "compacting \(count): memory above mapped files", "64 MiB",
            "\(decimals(memory, 0)) MiB; \(decimals(spent)) CPU-seconds")
    }
}

/// What is left of the space of removed records.
struct HalfBenchmark {
    private let corpus: Corpus

    init(_ corpus: Corpus) { self.corpus = corpus }

    func run() throws {
        let identity = try Corpus.identity()
        let half = corpus.count / 2
        let (writer, _, _) = try BuildBenchmark.build(
            corpus, at: corpus.folder + "/half-\(getpid()).martlet", rows: 0..<corpus.count, identity)
        for start in stride(from: half, to: corpus.count, by: 50_000) {
            try writer.remove(ids: (start..<min(corpus.count, start + 50_000)).map { "r\($0)" })
        }
        try writer.compact()
        let (fresh, _, _) = try BuildBenchmark.build(
            corpus, at: corpus.folder + "/fresh-\(getpid()).martlet", rows: 0..<half, identity)
        try fresh.compact()
        let share = Double(writer.snapshot.bytesOnDisk) / Double(fresh.snapshot.bytesOnDisk)
        Folder.remove(corpus.folder + "/half-\(getpid()).martlet")
        Folder.remove(corpus.folder + "/fresh-\(getpid()).martlet")
        row(
            "disk after half of \(corpus.count) are removed, and compaction", "1.1 × fresh",
            "\(decimals(share, 3)) × fresh")
    }
}
