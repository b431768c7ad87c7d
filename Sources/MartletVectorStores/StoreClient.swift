import MartletData
import MartletHTTP
import MartletJSON

/// Requests to a vector database in JSON.
struct StoreClient: Sendable {
    private let client: RetryingClient
    private let base: String
    private let headers: [(name: String, value: String)]

    /// - Parameters:
    ///   - name: How messages name the collection.
    ///   - key: What no message shows.
    ///   - headers: Sent with every request, such as the one with the key.
    init(
        _ settings: StoreSettings, name: String, key: String? = nil,
        headers: [(name: String, value: String)] = []
    ) {
        client = RetryingClient(
            name: name, secret: key, transport: settings.transport, retries: settings.retries)
        base = settings.address.base
        self.headers = headers
    }

    var name: String { client.name }

    /// What a database answers.
    struct Answer: Sendable {
        let status: Int
        let value: JSONValue
    }

    /// Sends a request, again where that can help.
    /// - Parameters:
    ///   - accepted: Statuses that are answers, such as 404 for what may be absent.
    ///   - retry: Why an answer that came with status 200 has to be asked for again; nil: it need not.
    /// - Throws: ``RetryingClient/Failure``.
    func send(
        _ method: String, _ path: String, _ body: [UInt8] = [], accepting accepted: Set<Int> = [],
        contentType: String = "application/json", retry: @Sendable (JSONValue) -> String? = { _ in nil }
    ) async throws -> Answer {
        let sent = body.isEmpty ? headers : headers + [("Content-Type", contentType)]
        let request = HTTPRequest(method: method, url: base + path, headers: sent, body: body)
        return try await client.send(request, accepting: accepted) { answer in
            let value: JSONValue
            if answer.body.allSatisfy({ $0 == 0x20 || $0 == 0x0A || $0 == 0x0D }) {
                value = .null
            } else if let parsed = try? JSONValue.parse(answer.body) {
                value = parsed
            } else if (200..<300).contains(answer.status) {
                return .again("gave an answer that is not whole JSON")
            } else {
                value = .null
            }
            if let reason = retry(value) { return .again(client.hidingSecret(reason)) }
            return .value(Answer(status: answer.status, value: value))
        }
    }

    func send(
        _ method: String, _ path: String, _ body: JSONValue, accepting accepted: Set<Int> = [],
        retry: @Sendable (JSONValue) -> String? = { _ in nil }
    ) async throws -> Answer {
        try await send(method, path, body.text, accepting: accepted, retry: retry)
    }

    /// The database refuses a request in an answer of its own form.
    func refusal(_ reason: String) -> RetryingClient.Failure {
        RetryingClient.Failure(reason: client.hidingSecret(reason).quotedForMessage, status: 400)
    }
}

extension JSONValue {
    static func object(_ members: [(String, JSONValue)]) -> JSONValue {
        .object(JSONObject(members.map { .init(key: $0.0, value: $0.1) }))
    }

    var text: [UInt8] {
        var bytes: [UInt8] = []
        JSONText.append(self, to: &bytes)
        return bytes
    }
}

extension [UInt8] {
    mutating func append(_ text: String) { append(contentsOf: text.utf8) }

    /// `"name":` with a comma before it unless it is the first member.
    mutating func appendMember(_ name: String) {
        if last != UInt8(ascii: "{") { append(UInt8(ascii: ",")) }
        JSONText.append(name, to: &self)
        append(UInt8(ascii: ":"))
    }

    mutating func appendMember(_ name: String, _ value: String) {
        appendMember(name)
        JSONText.append(value, to: &self)
    }

    /// `[…]`, comma-separated.
    mutating func appendList<Item>(_ elements: [Item], _ body: (Item, inout [UInt8]) -> Void) {
        append(UInt8(ascii: "["))
        for (place, element) in elements.enumerated() {
            if place > 0 { append(UInt8(ascii: ",")) }
            body(element, &self)
        }
        append(UInt8(ascii: "]"))
    }
}

extension Record {
    /// The id as text; the index where there is none.
    var idText: String { id.text(index: index) }
}

extension RecordID {
    func text(index: Int) -> String {
        switch self {
        case .none: "\(index)"
        case .text(let text), .literal(let text): text
        }
    }
}

extension StoreRow {
    /// The dense vector as `[…]`.
    func appendVector(to bytes: inout [UInt8]) {
        if case .dense(let dense) = rows { dense.appendJSON(row: position, to: &bytes) }
    }
}
