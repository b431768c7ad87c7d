import Martlet
import MartletData
import MartletHTTP
import MartletJSON
import Synchronization
import Testing

@testable import MartletVectorStores

/// What holds for every vector database.
@Suite struct StoreSinkTests {
    /// Writes the sample rows in batches of 8, as a job does, from where the collection says.
    @discardableResult
    private func run(
        _ store: StoreCase, _ server: FakeServer, rows: Int = 40, schema: VectorSchema = Sample.schema()
    ) async throws -> Checkpoint? {
        let destination = StoreDestination(try store.open(server), source: "job 1")
        var sink = try destination.open()
        let start = try await sink.begin(schema)
        for first in stride(from: start?.index ?? 0, to: rows, by: 8) {
            let end = min(rows, first + 8)
            try await sink.write(Sample.batch(Sample.records(first..<end)))
            try await sink.commit(Sample.checkpoint(end))
        }
        try await sink.finish()
        try await destination.complete()
        return start
    }

    @Test(arguments: StoreCase.all)
    func `a killed run goes on, and every row is stored once`(store: StoreCase) async throws {
        let whole = FakeServer(store.database())
        try await run(store, whole)
        #expect(whole.rows.count == 40)
        let requests = whole.log.count
        for end in 0..<requests {
            for reachesDatabase in [false, true] {
                let server = FakeServer(store.database())
                server.end(after: end, reachesDatabase: reachesDatabase)
                await #expect(throws: FakeServer.Killed.self) { try await run(store, server) }
                server.end(after: nil)
                try await run(store, server)
                #expect(server.rows == whole.rows, "ended after \(end) of \(requests) requests")
            }
        }
    }

    @Test(arguments: StoreCase.all)
    func `a run goes on after its last commit, and a finished one begins again`(store: StoreCase) async throws
    {
        let server = FakeServer(store.database())
        var sink = StoreSink(try store.open(server), source: "job 1")
        #expect(try await sink.begin(Sample.schema()) == nil)
        try await sink.write(Sample.batch(Sample.records(0..<8)))
        try await sink.commit(Sample.checkpoint(8))
        var other = StoreSink(try store.open(server), source: "job 2")
        #expect(try await other.begin(Sample.schema()) == nil)
        #expect(try await run(store, server) == Sample.checkpoint(8))
        #expect(try await run(store, server) == nil)
    }

    @Test(arguments: StoreCase.all)
    func `rows are removed by id, and a collection that is absent is told`(store: StoreCase) async throws {
        let server = FakeServer(store.database())
        let destination = StoreDestination(try store.open(server), source: "job 1")
        #expect(try await !destination.exists())
        try await run(store, server)
        #expect(try await destination.exists())
        try await destination.remove([.text("r4"), .literal("7"), .text("r4000")])
        #expect(server.rows.count == 38)
        #expect(!server.rows.contains { $0.hasSuffix(" text 4") || $0.hasSuffix(" text 7") })
    }

    @Test(arguments: StoreCase.all)
    func `vectors of another model or shape are refused`(store: StoreCase) async throws {
        let server = FakeServer(store.database())
        try await run(store, server)
        let before = server.rows
        for schema in [Sample.schema("test:2"), Sample.schema(width: 3)] {
            let error = await #expect(throws: DataError.self) {
                try await run(store, server, schema: schema)
            }
            #expect(error?.code == .changedInput)
            #expect(error?.description.contains("another space") == true, "\(String(describing: error))")
        }
        #expect(server.rows == before)
    }

    @Test(arguments: StoreCase.all)
    func `of rows with one id the last counts`(store: StoreCase) async throws {
        let server = FakeServer(store.database())
        var sink = StoreSink(try store.open(server), source: "job 1")
        _ = try await sink.begin(Sample.schema())
        var records = Sample.records(0..<6)
        for row in [1, 4] { records[row].id = .text("same") }
        try await sink.write(Sample.batch(records))
        #expect(server.rows.count == 5)
        #expect(
            server.rows.count { $0.contains("text 4") } == 1
                && !server.rows.contains { $0.contains("text 1") })
    }

    /// 1 and "1" are one id where ids are texts.
    @Test(arguments: StoreCase.all)
    func `of rows that the database takes for one the last counts`(store: StoreCase) async throws {
        let server = FakeServer(store.database())
        var sink = StoreSink(try store.open(server), source: "job 1")
        _ = try await sink.begin(Sample.schema())
        var records = Sample.records(0..<3)
        (records[0].id, records[1].id) = (.literal("1"), .text("1"))
        try await sink.write(Sample.batch(records))
        let destination = StoreDestination(try store.open(server), source: "job 1")
        let isOne = destination.key(of: records[0]) == destination.key(of: records[1])
        #expect(isOne == (store.name != "Qdrant"))
        #expect(server.rows.count == (isOne ? 2 : 3))
        #expect(server.rows.contains { $0.contains("text 0") } == !isOne)
        #expect(server.rows.contains { $0.contains("text 1") })
    }

    @Test(arguments: StoreCase.all)
    func `refusals and broken connections are waited out`(store: StoreCase) async throws {
        let server = FakeServer(store.database())
        var sink = StoreSink(try store.open(server), source: "job 1")
        _ = try await sink.begin(Sample.schema())
        server.fail([
            0: .status(429, retryAfter: .seconds(7)), 1: .status(503), 2: .broken,
        ])
        try await sink.write(Sample.batch(Sample.records(0..<4)))
        #expect(server.rows.count == 4)
        #expect(server.pauses.withLock { $0 } == [.seconds(7), .seconds(2), .seconds(4)])
        server.fail([0: .broken, 1: .broken, 2: .broken, 3: .broken])
        let error = await #expect(throws: DataError.self) {
            try await sink.write(Sample.batch(Sample.records(4..<8)))
        }
        #expect(error?.description.contains("the connection was closed; 4 attempts failed") == true)
        #expect(error?.description.contains("continues after the last commit") == true)
    }

    @Test(arguments: StoreCase.all)
    func `a row that is refused is named, and the rows before it are stored`(store: StoreCase) async throws {
        let server = FakeServer(store.database())
        var sink = StoreSink(try store.open(server), source: "job 1")
        _ = try await sink.begin(Sample.schema())
        var records = Sample.records(0..<8)
        records[5].text = "bad"
        let error = await #expect(throws: DataError.self) { try await sink.write(Sample.batch(records)) }
        #expect(error?.place == "in.jsonl:6", "\(String(describing: error))")
        #expect(error?.description.contains("cannot be stored in \(try store.open(server).name)") == true)
    }

    @Test(arguments: StoreCase.all)
    func `a key is sent and never shown`(store: StoreCase) async throws {
        let server = FakeServer(store.database())
        server.fail([1: .status(401, body: "{\"message\":\"the key s3cret is wrong\"}")])
        var sink = StoreSink(
            try store.open(server, environment: [store.key.variable: "s3cret"]), source: "job 1")
        let error = await #expect(throws: DataError.self) { _ = try await sink.begin(Sample.schema()) }
        #expect(error?.description.contains("s3cret") == false)
        #expect(error?.description.contains("the key … is wrong") == true)
        #expect(error?.description.contains("check the key in the environment") == true)
        let sent = server.log.map { request in
            request.headers.first { $0.name == store.key.header }?.value ?? ""
        }
        #expect(sent.allSatisfy { $0.hasSuffix("s3cret") } && sent.count == 2)
    }

    @Test func `requests hold no more rows and bytes than the limits`() async throws {
        let server = FakeServer(FakeQdrant())
        var sink = StoreSink(try StoreCase.all[0].open(server), source: "job 1")
        _ = try await sink.begin(Sample.schema())
        let before = server.log.count
        var records = Sample.records(0..<1100)
        try await sink.write(Sample.batch(records))
        #expect(server.log.dropFirst(before).map { $0.body["points"]?.array?.count } == [500, 500, 100])
        for row in records.indices.prefix(3) { records[row].text = String(repeating: "x", count: 5 << 20) }
        try await sink.write(Sample.batch(Array(records[..<3])))
        #expect(server.log.suffix(3).allSatisfy { $0.body["points"]?.array?.count == 1 })
    }
}
