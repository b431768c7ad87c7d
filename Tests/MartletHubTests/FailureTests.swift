#if Hub

import MartletHTTP
import MartletSystem
import NIOHTTP1
import Synchronization
import Testing

@testable import MartletHub

/// Pulls from a server and a network that misbehave.
@Suite struct FailureTests {
    private static let weights = "/model.safetensors"
    private let scratch: Scratch
    private let repository = FakeRepository.model

    init() throws { scratch = try Scratch() }

    /// A server that answers as it should, but for what `odd` says.
    private func server(_ odd: @escaping @Sendable (HTTPServer.Request) -> HTTPServer.Answer?) async throws
        -> HTTPServer
    {
        let repository = repository
        return try await HTTPServer { odd($0) ?? repository.answer($0) }
    }

    private func headers(_ path: String) -> [(String, String)] {
        [("X-Repo-Commit", repository.commit), ("ETag", "\"\(repository.digest(path))\"")]
    }

    private func failure(_ hub: Hub, _ name: String = FakeRepository.name) async throws -> HubError {
        try #require(await #expect(throws: HubError.self) { try await scratch.pull(hub, name) })
    }

    /// Nothing that looks like a model, or like a part of one that could be taken for whole.
    private func expectNothing() throws {
        #expect(try scratch.hub(nil).find(FakeRepository.name) == nil)
        #expect(Files.names(in: "\(scratch.folder)/refs").isEmpty)
        #expect(Files.tree("\(scratch.folder)/snapshots").isEmpty)
    }

    /// The range that a download goes on with after its first failure: from the byte after those that had
    /// arrived. How many that were is the network's business: what lay in the buffers when the connection
    /// broke may be lost.
    private var rangeAfterTheFailure: String? {
        let before = scratch.events.prefix { event in
            if case .retrying(let file, _, _) = event { return file != "model.safetensors" }
            return true
        }
        let arrived = before.compactMap { event -> Int? in
            guard case .received(let file, let bytes) = event, file.path == "model.safetensors" else {
                return nil
            }
            return bytes
        }
        return arrived.last.map { "bytes=\($0)-" }
    }

    @Test(arguments: [1, 4000, 9999])
    func `a broken connection is taken up where it broke`(sent: Int) async throws {
        let bytes = repository.files["model.safetensors"] ?? []
        let server = try await server { request in
            guard request.method == .GET, request.path.hasSuffix(Self.weights), request.earlier == 0 else {
                return nil
            }
            return .cut(200, [], bytes, sent: sent)
        }
        let model = try await scratch.pull(scratch.hub(server))
        #expect(model.problem == nil)
        let ranges = server.requests(.GET, Self.weights).map(\.range)
        #expect(ranges == [nil, rangeAfterTheFailure])
        #expect(try Files.read("\(model.path)/model.safetensors", limit: 1 << 20) == bytes)
        #expect(scratch.pauses == [.seconds(1)])
    }

    @Test func `a server without ranges sends the file once more`() async throws {
        let bytes = repository.files["model.safetensors"] ?? []
        let server = try await server { request in
            guard request.method == .GET, request.path.hasSuffix(Self.weights) else { return nil }
            return request.earlier == 0 ? .cut(200, [], bytes, sent: 5000) : .whole(200, [], bytes)
        }
        let model = try await scratch.pull(scratch.hub(server))
        #expect(server.requests(.GET, Self.weights).map(\.range) == [nil, rangeAfterTheFailure])
        #expect(try Files.read("\(model.path)/model.safetensors", limit: 1 << 20) == bytes)
    }

    @Test func `too many requests are paused as long as the server asks`() async throws {
        let server = try await server { request in
            guard request.earlier == 0 else { return nil }
            switch (request.method, request.path) {
            case (.GET, "/api/models/org/tiny/revision/main"): return .whole(429, [("Retry-After", "7")], [])
            case (.GET, let path) where path.hasSuffix(Self.weights):
                return .whole(
                    429,
                    [
                        ("Date", "Sat, 31 Dec 2022 23:59:50 GMT"),
                        ("Retry-After", "Sun, 01 Jan 2023 00:00:05 GMT"),
                    ], [])
            default: return nil
            }
        }
        try await scratch.pull(scratch.hub(server))
        #expect(scratch.pauses == [.seconds(7), .seconds(15)])
        #expect(
            scratch.events.contains(
                .retrying(file: nil, reason: "\(server.address): status 429", pause: .seconds(7))),
            "\(scratch.events.prefix(3))")
    }

    @Test func `a server that asks for too long a pause is not waited for`() async throws {
        let server = try await server { _ in .whole(503, [("Retry-After", "86400")], []) }
        let error = try await failure(scratch.hub(server))
        #expect(error.code == .refused)
        #expect(error.message.contains("86400 s"))
        #expect(scratch.pauses.isEmpty)
    }

    @Test func `a server that stays away is given up after growing pauses`() async throws {
        let server = try await server { _ in .whole(503, [], []) }
        let error = try await failure(scratch.hub(server))
        #expect(error.code == .network)
        #expect(error.message.contains("status 503, 6 times in a row"))
        #expect(scratch.pauses == [1, 2, 4, 8, 16].map { .seconds($0) })
        #expect(server.requests.count == 6)
    }

    @Test(arguments: [500, 502, 504, 408])
    func `statuses that pass are tried again`(status: Int) async throws {
        let server = try await server { $0.method == .HEAD && $0.earlier == 0 ? .whole(status, [], []) : nil }
        #expect(try await scratch.pull(scratch.hub(server)).problem == nil)
        #expect(scratch.pauses.count == FakeRepository.needed.count)
    }

    @Test func `nobody listens`() async throws {
        let server = try await HTTPServer { _ in .silence }
        let hub = scratch.hub(server, attempts: 2)
        try await server.stop()
        let error = try await failure(hub)
        #expect(error.code == .network)
        #expect(error.message.contains("2 times in a row"))
        #expect(scratch.pauses == [.seconds(1)])
    }

    @Test func `a pull without a network ends after seconds`() async throws {
        let server = try await HTTPServer { _ in .silence }
        // On a busy machine an attempt may take longer than an unreachable server is waited for.
        let hub = scratch.hub(server, clock: MonotonicClock { 0 })
        try await server.stop()
        let error = try await failure(hub)
        #expect(error.code == .network)
        #expect(scratch.pauses == [.seconds(1), .seconds(2)])
    }

    @Test func `a connection that falls silent is given up and taken up`() async throws {
        let bytes = repository.files["model.safetensors"] ?? []
        let server = try await server { request in
            guard request.method == .GET, request.path.hasSuffix(Self.weights) else { return nil }
            switch request.earlier {
            case 0: return .silence
            case 1: return .stalled(200, [], bytes, sent: 6000)
            default: return nil
            }
        }
        // On a busy machine bytes that were sent may arrive later than in 300 ms.
        let timeouts = PullTimeouts(silence: .seconds(3), answer: .seconds(60))
        let model = try await scratch.pull(scratch.hub(server, timeouts: timeouts))
        #expect(model.problem == nil)
        #expect(server.requests(.GET, Self.weights).map(\.range) == [nil, nil, "bytes=6000-"])
    }

    @Test func `a server that trickles bytes is given up, and says what to do`() async throws {
        let bytes = repository.files["model.safetensors"] ?? []
        let server = try await server { request in
            request.method == .GET && request.path.hasSuffix(Self.weights) ? .trickled(200, [], bytes) : nil
        }
        // On a busy machine the bytes of seconds may arrive at once. Even all 10,000 of them are too few.
        let timeouts = PullTimeouts(leastRate: 1_000_000, window: .milliseconds(100))
        let error = try await failure(scratch.hub(server, timeouts: timeouts, attempts: 3))
        #expect(error.code == .network)
        #expect(
            error.message.contains("sends fewer than 1000000 bytes a second, 3 times in a row"), "\(error)")
        #expect(error.message.contains("run the pull again to go on"))
        #expect(error.message.contains("HF_ENDPOINT"))
        #expect(server.requests(.GET, Self.weights).count == 3)
    }

    @Test func `a list that trickles in is given up`() async throws {
        let server = try await HTTPServer { _ in .trickled(200, [], [UInt8](repeating: 0x20, count: 10_000)) }
        let timeouts = PullTimeouts(leastRate: 1_000_000, window: .milliseconds(100))
        let error = try await failure(scratch.hub(server, timeouts: timeouts, attempts: 2))
        #expect(
            error.message.contains("sends fewer than 1000000 bytes a second, 2 times in a row"), "\(error)")
    }

    /// Of the other requests that the command sends, such as those to providers.
    @Test func `an answer that trickles in is given up at its deadline`() async throws {
        let server = try await HTTPServer { _ in .trickled(200, [], [UInt8](repeating: 0x20, count: 100_000))
        }
        let transport = NetworkTransport(deadline: .milliseconds(300))
        let failure = await #expect(throws: TransportFailure.self) {
            try await transport.send(HTTPRequest(url: server.address))
        }
        #expect(failure?.reason == "no answer in time")
    }

    @Test func `a server that breaks off after each byte is given up`() async throws {
        let bytes = repository.files["model.safetensors"] ?? []
        let server = try await server { request in
            guard request.method == .GET, request.path.hasSuffix(Self.weights) else { return nil }
            let start = request.range.flatMap { Int($0.filter(\.isNumber)) } ?? 0
            let range = [("Content-Range", "bytes \(start)-\(bytes.count - 1)/\(bytes.count)")]
            return .cut(start > 0 ? 206 : 200, range, Array(bytes[start...]), sent: 1)
        }
        let error = try await failure(scratch.hub(server, attempts: 4))
        #expect(error.code == .network)
        #expect(error.message.contains("4 times in a row"), "\(error)")
    }

    @Test func `bytes that come fast enough reset the pace`() throws {
        let time = Mutex(UInt64(0))
        let clock = MonotonicClock { time.withLock { $0 } }
        let url = try #require(HubURL("https://hub.example"))
        var pace = TransferPace(PullTimeouts(), clock: clock)
        for _ in 0..<100 {
            time.withLock { $0 += 29_000_000_000 }
            try pace.add(30_000, from: url)
        }
        // Slow for less than the window at a time.
        try pace.add(1 << 20, from: url)
        time.withLock { $0 += 31_000_000_000 }
        try pace.add(1, from: url)
        time.withLock { $0 += 31_000_000_000 }
        #expect(throws: TransientFailure.self) { try pace.add(1, from: url) }
    }

    @Test func `bytes that arrive too slowly are kept`() async throws {
        let time = Atomic(UInt64(0))
        // At each look at the clock a minute has passed.
        let clock = MonotonicClock { time.add(60_000_000_000, ordering: .relaxed).newValue }
        let server = try await server { _ in nil }
        let model = try await scratch.pull(scratch.hub(server, attempts: 1000, clock: clock))
        #expect(model.problem == nil)
    }

    @Test func `a slow spell after a fast one begins a new row of failures`() throws {
        let slow = TransientFailure(message: "", isTooSlow: true)
        let slowAfterFast = TransientFailure(message: "", isTooSlow: true, wasFastBefore: true)
        let broken = TransientFailure(message: "")
        var row = FailureRow(size: 1000, received: 0)
        var counts: [Int] = []
        for (failure, received) in [
            (slow, 100), (slow, 200), (slowAfterFast, 300), (slow, 400), (slowAfterFast, 405), (broken, 409),
            (broken, 410), (slowAfterFast, 300),
        ] {
            row.add(failure, received: received)
            counts.append(row.count)
        }
        #expect(counts == [1, 2, 1, 2, 3, 4, 1, 2])
    }

    @Test func `the pace tells whether bytes came fast enough before`() throws {
        let time = Atomic(UInt64(0))
        let clock = MonotonicClock { time.load(ordering: .relaxed) }
        let url = try #require(HubURL("https://hub.example"))
        for isFastAtFirst in [false, true] {
            var pace = TransferPace(PullTimeouts(), clock: clock)
            if isFastAtFirst {
                time.add(31_000_000_000, ordering: .relaxed)
                try pace.add(1 << 20, from: url)
            }
            time.add(31_000_000_000, ordering: .relaxed)
            let failure = #expect(throws: TransientFailure.self) { try pace.add(1, from: url) }
            #expect(failure?.isTooSlow == true && failure?.wasFastBefore == isFastAtFirst)
        }
    }

    @Test func `where packets get lost, one attempt is enough`() async throws {
        let time = Mutex(UInt64(0))
        var retry = RetryPolicy()
        retry.clock = MonotonicClock { time.withLock { $0 } }
        retry.attemptsToReach = 3
        retry.longestToReach = .seconds(8)
        retry.sleep = { _ in }
        let reference = try ModelReference("org/tiny")
        let attempts = Mutex(0)
        let policy = retry
        let error = await #expect(throws: HubError.self) {
            try await policy.run(reference, file: nil, { _ in }) { () async throws in
                attempts.withLock { $0 += 1 }
                time.withLock { $0 += 10_000_000_000 }
                throw TransientFailure(message: "https://hub: no connection in time", isUnreachable: true)
            }
        }
        #expect(attempts.withLock { $0 } == 1)
        #expect(error?.message.contains("no connection in time; what was fetched is kept") == true)
    }

    @Test func `bytes that do not match their digest are not kept`() async throws {
        var bytes = repository.files["model.safetensors"] ?? []
        bytes[5000] ^= 1
        let server = try await server { [bytes] request in
            request.method == .GET && request.path.hasSuffix(Self.weights) ? .whole(200, [], bytes) : nil
        }
        let error = try await failure(scratch.hub(server))
        #expect(error.code == .wrongDigest)
        #expect(error.message.contains(repository.digest("model.safetensors")))
        #expect(error.message.hasPrefix("org/tiny/model.safetensors: "))
        try expectNothing()
        let left = Files.names(in: "\(scratch.folder)/blobs")
        #expect(!left.contains { $0.hasPrefix(repository.digest("model.safetensors")) }, "\(left)")
    }

    @Test func `small files are checked, too`() async throws {
        let server = try await server { request in
            request.method == .GET && request.path.hasSuffix("/tokenizer.json")
                ? .whole(200, [], Array("[]".utf8)) : nil
        }
        #expect(try await failure(scratch.hub(server)).code == .wrongDigest)
        try expectNothing()
    }

    @Test(arguments: [3000, 10_000, 20_000])
    func `what an earlier download left wrong is fetched again`(count: Int) async throws {
        let digest = repository.digest("model.safetensors")
        try scratch.write("\(scratch.folder)/blobs/\(digest).incomplete", [UInt8](repeating: 7, count: count))
        let server = try await server { _ in nil }
        let model = try await scratch.pull(scratch.hub(server))
        #expect(
            try Files.read("\(model.path)/model.safetensors", limit: 1 << 20)
                == repository.files["model.safetensors"])
        #expect(!Files.exists("\(scratch.folder)/blobs/\(digest).incomplete"))
    }

    @Test func `a blob of the wrong size is replaced`() async throws {
        try scratch.write("\(scratch.folder)/blobs/\(repository.digest("model.safetensors"))", [1, 2, 3])
        let server = try await server { _ in nil }
        let model = try await scratch.pull(scratch.hub(server))
        #expect(
            try Files.read("\(model.path)/model.safetensors", limit: 1 << 20)
                == repository.files["model.safetensors"])
    }

    @Test func `more bytes than announced are refused`() async throws {
        let tag = headers("tokenizer.json")
        let server = try await server { request in
            request.method == .HEAD && request.path.hasSuffix("/tokenizer.json")
                ? .whole(200, tag + [("Content-Length", "1")], []) : nil
        }
        let error = try await failure(scratch.hub(server))
        #expect(error.code == .invalidResponse)
        #expect(error.message.contains("more than the 1 bytes"))
        try expectNothing()
    }

    @Test func `fewer bytes than announced are not enough`() async throws {
        let tag = headers("tokenizer.json")
        let server = try await server { request in
            request.method == .HEAD && request.path.hasSuffix("/tokenizer.json")
                ? .whole(200, tag + [("Content-Length", "3")], []) : nil
        }
        let error = try await failure(scratch.hub(server))
        #expect(error.code == .network)
        try expectNothing()
    }

    @Test func `another part of the file than asked for is refused`() async throws {
        let bytes = repository.files["model.safetensors"] ?? []
        let server = try await server { request in
            guard request.method == .GET, request.path.hasSuffix(Self.weights) else { return nil }
            if request.earlier == 0 { return .cut(200, [], bytes, sent: 5000) }
            return .whole(206, [("Content-Range", "bytes 4000-9999/10000")], Array(bytes[4000...]))
        }
        let error = try await failure(scratch.hub(server))
        #expect(error.code == .invalidResponse)
        #expect(error.message.contains("another part"))
    }

    static let refusals: [(Int, String, String?, HubError.Code, String)] = [
        (401, "RepoNotFound", nil, .notFound, "check the name, and set HF_TOKEN"),
        (401, "", nil, .notFound, "check the name"),
        (401, "RepoNotFound", "t", .unauthorized, "the token of HF_TOKEN may read it"),
        (403, "GatedRepo", "t", .unauthorized, "agree to its terms"),
        (404, "RevisionNotFound", nil, .notFound, "has no revision \"main\""),
        (404, "RepoNotFound", nil, .notFound, "shows no such model"),
        (404, "", nil, .notFound, "check the name and the revision"),
        (418, "", nil, .refused, "answered with status 418"),
    ]

    @Test(arguments: refusals)
    func `refusals say what to do`(
        status: Int, code: String, token: String?, expected: HubError.Code, text: String
    ) async throws {
        let server = try await server { _ in .whole(status, code.isEmpty ? [] : [("X-Error-Code", code)], [])
        }
        let error = try await failure(scratch.hub(server, token: token))
        #expect(error.code == expected)
        #expect(error.message.contains(text), "\(error.message)")
        #expect(scratch.pauses.isEmpty)
        #expect(server.requests.count == 1)
    }

    /// Each attempt would end in the same way.
    @Test func `authorities that are not there are told at once`() async throws {
        let server = try await HTTPServer { _ in .silence }
        let hub = scratch.hub(
            server, endpoint: "https://127.0.0.1:\(server.port)", authorities: "\(scratch.path)/none.pem")
        let error = try await failure(hub)
        #expect(error.code == .network)
        #expect(error.message.contains("the file that SSL_CERT_FILE names is not there"), "\(error)")
        #expect(scratch.pauses.isEmpty)
    }

    @Test func `a server without TLS is told from one that is away`() async throws {
        let server = try await HTTPServer { _ in .silence }
        let hub = scratch.hub(server, attempts: 2, endpoint: "https://127.0.0.1:\(server.port)")
        let error = try await failure(hub)
        #expect(error.message.contains("the TLS handshake failed; does the server answer https?"), "\(error)")
    }

    @Test func `the hub's own words are told`() async throws {
        let words = "Invalid credentials in Authorization header"
        let server = try await server { _ in .whole(401, [("X-Error-Message", words)], []) }
        let error = try await failure(scratch.hub(server, token: "t"))
        #expect(error.message.contains("(status 401, \"\(words)\"); check the name, and that the token"))
    }

    @Test func `a limit of requests is waited for as long as the hub says`() async throws {
        let server = try await server { request in
            request.earlier == 0 && request.path.hasSuffix("/revision/main")
                ? .whole(429, [("RateLimit", "\"api\";r=0;t=55")], []) : nil
        }
        try await scratch.pull(scratch.hub(server))
        #expect(scratch.pauses == [.seconds(55)])
    }

    @Test func `a signed address that ran out is asked for again`() async throws {
        let repository = repository
        let storage = try await HTTPServer { $0.earlier == 0 ? .whole(403, [], []) : repository.store($0) }
        var linked = repository
        linked.storage = storage.address
        let hub = try await HTTPServer { [linked] in linked.answer($0) }
        #expect(try await scratch.pull(scratch.hub(hub)).problem == nil)
        #expect(hub.requests(.GET, Self.weights).count == 2)
    }

    @Test func `redirects without end are not followed without end`() async throws {
        let server = try await server { .whole(302, [("Location", $0.path)], []) }
        let error = try await failure(scratch.hub(server))
        #expect(error.code == .invalidResponse)
        #expect(server.requests.count == 11)
    }

    @Test(arguments: ["", "ftp://host/x", "https://user:secret@host/x", "http://host:99999/"])
    func `redirects to nowhere are refused`(location: String) async throws {
        let server = try await server { _ in .whole(302, [("Location", location)], []) }
        #expect(try await failure(scratch.hub(server)).code == .invalidResponse)
        #expect(server.requests.count == 1)
    }
}

#endif
