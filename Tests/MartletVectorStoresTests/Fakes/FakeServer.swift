import MartletHTTP
import MartletJSON
import Synchronization

@testable import MartletVectorStores

/// A database in memory that answers requests as the real one does.
protocol FakeDatabase {
    init()
    mutating func answer(_ request: FakeRequest) -> HTTPAnswer
    /// The id, the first number of the vector and the text of each row.
    var rows: [String] { get }
}

/// A request as a database sees it.
struct FakeRequest {
    let method: String
    let path: String
    let headers: [(name: String, value: String)]
    let bytes: [UInt8]

    init(_ request: HTTPRequest) {
        method = request.method
        let parts = request.url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        path = parts.count == 4 ? "/\(parts[3])" : "/"
        headers = request.headers
        bytes = request.body
    }

    var body: JSONValue { (try? JSONValue.parse(bytes)) ?? .null }
    var line: String { "\(method) \(path)" }
}

/// A network with one database, which fails where a test wants it to.
final class FakeServer: HTTPTransport {
    enum Fault: Sendable {
        case status(Int, retryAfter: Duration? = nil, body: String = "{}")
        case broken
    }

    /// The program ends here.
    struct Killed: Error {}

    private struct State {
        var database: any FakeDatabase
        var log: [FakeRequest] = []
        var faults: [Int: Fault] = [:]
        /// The first request that the program does not live to send; nil: it lives.
        var end: Int?
        /// Whether the database still gets that request.
        var reachesDatabase = false
    }

    private let state: Mutex<State>
    let pauses = Mutex<[Duration]>([])

    init(_ database: sending any FakeDatabase) { state = Mutex(State(database: database)) }

    var log: [FakeRequest] { state.withLock { $0.log } }
    var rows: [String] { state.withLock { $0.database.rows.sorted() } }

    /// Faults of requests by their number, from the next one on.
    func fail(_ faults: [Int: Fault]) {
        state.withLock { state in
            for (number, fault) in faults { state.faults[state.log.count + number] = fault }
        }
    }

    func end(after requests: Int?, reachesDatabase: Bool = false) {
        state.withLock { state in
            state.end = requests.map { state.log.count + $0 }
            state.reachesDatabase = reachesDatabase
        }
    }

    func send(_ request: HTTPRequest) async throws -> HTTPAnswer {
        try state.withLock { state in
            let number = state.log.count
            let request = FakeRequest(request)
            if let end = state.end, number >= end {
                if number == end, state.reachesDatabase {
                    state.log.append(request)
                    _ = state.database.answer(request)
                }
                throw Killed()
            }
            state.log.append(request)
            switch state.faults[number] {
            case .status(let status, let wait, let body)?:
                return HTTPAnswer(status: status, retryAfter: wait, body: Array(body.utf8))
            case .broken?: throw TransportFailure("the connection was closed")
            case nil: return state.database.answer(request)
            }
        }
    }
}

extension HTTPAnswer {
    static func json(_ status: Int, _ value: JSONValue) -> HTTPAnswer {
        HTTPAnswer(status: status, body: value.text)
    }

    static func json(_ status: Int, _ text: String = "{}") -> HTTPAnswer {
        HTTPAnswer(status: status, body: Array(text.utf8))
    }
}

extension JSONValue {
    /// The members of an object, of which those of another replace the ones of the same name.
    func merging(_ other: JSONValue?) -> JSONValue {
        var members = object?.members.map { ($0.key, $0.value) } ?? []
        for member in other?.object?.members ?? [] {
            members.removeAll { $0.0 == member.key }
            members.append((member.key, member.value))
        }
        return .object(members)
    }

    var idText: String { String(decoding: text, as: UTF8.self) }
}
