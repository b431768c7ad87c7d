#if Server

internal import MartletJSON

/// Answers an agent's messages by the Model Context Protocol (https://modelcontextprotocol.io/specification):
/// JSON-RPC 2.0 with two tools, `search` and `read`, over collections.
///
/// It keeps no state between messages. Revisions to 2025-11-25 begin with `initialize`; from 2026-07-28 on
/// each message carries its revision.
package struct MCPService: Sendable {
    private let tools: MCPTools
    private let version: String

    /// - Parameters:
    ///   - library: What is searched.
    ///   - version: Of the program, for the agent.
    package init(_ library: any SearchLibrary, version: String) {
        tools = MCPTools(library: library)
        self.version = version
    }

    private static let largestBatch = 100
    /// Revisions that begin with `initialize`, the newest last.
    private static let handshakes = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]
    /// Revisions whose messages stand alone.
    private static let modern = ["2026-07-28"]
    private static let revisionKey = "io.modelcontextprotocol/protocolVersion"

    /// An error of JSON-RPC.
    struct Failure: Error {
        let code: Int
        let message: String
        var data: JSONValue?
    }

    /// The answer to a message, or to a batch of them, which revision 2025-03-26 has; nil to one that wants
    /// none.
    package func answer(_ message: [UInt8]) async -> [UInt8]? {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue.parse(message)
        } catch {
            return Self.answer(
                to: .null, Failure(code: -32700, message: "the message is not JSON: \(error.message)")
            ).bytes
        }
        guard let batch = value.array, !batch.isEmpty else { return await answer(value)?.bytes }
        guard batch.count <= Self.largestBatch else {
            return Self.answer(
                to: .null,
                Failure(
                    code: -32600,
                    message: "a batch has at most \(Self.largestBatch) messages, not \(batch.count)")
            ).bytes
        }
        var answers: [JSONValue] = []
        for message in batch {
            if let answer = await answer(message) { answers.append(answer) }
        }
        return answers.isEmpty ? nil : JSONValue.array(answers).bytes
    }

    private func answer(_ value: JSONValue) async -> JSONValue? {
        guard value["jsonrpc"]?.string == "2.0", let method = value["method"]?.string else {
            // An answer of the agent to a request that was never made needs none.
            if value["result"] != nil || value["error"] != nil { return nil }
            return Self.answer(
                to: .null,
                Failure(
                    code: -32600,
                    message:
                        "the message is no request of JSON-RPC 2.0: expected an object with jsonrpc and method"
                ))
        }
        guard let id = value["id"], !id.isNull else { return nil }
        do {
            let result = try await result(of: method, value["params"])
            return JSONValue.object(["jsonrpc": "2.0", "id": id, "result": result])
        } catch let error as Failure {
            return Self.answer(to: id, error)
        } catch {
            return Self.answer(to: id, Failure(code: -32603, message: MCPTools.words(error)))
        }
    }

    private static func answer(to id: JSONValue, _ failure: Failure) -> JSONValue {
        JSONValue.object([
            "jsonrpc": "2.0", "id": id,
            "error": .object(present: [
                "code": .integer(failure.code), "message": .string(failure.message), "data": failure.data,
            ]),
        ])
    }

    private func result(of method: String, _ params: JSONValue?) async throws -> JSONValue {
        let asked = params?["_meta"]?[Self.revisionKey]?.string
        let isModern = asked != nil
        if let asked, !Self.modern.contains(asked) {
            throw Failure(
                code: -32022, message: "Unsupported protocol version",
                data: .object(["supported": .strings(Self.modern), "requested": .string(asked)]))
        }
        switch method {
        case "initialize":
            let asked = params?["protocolVersion"]?.string ?? ""
            let revision =
                Self.handshakes.contains(asked) ? asked : Self.handshakes[Self.handshakes.count - 1]
            return .object([
                "protocolVersion": .string(revision), "capabilities": capabilities, "serverInfo": info,
                "instructions": .string(MCPTools.instructions),
            ])
        case "server/discover":
            return cached(
                [
                    "supportedVersions": .strings(Self.modern), "capabilities": capabilities,
                    "instructions": .string(MCPTools.instructions),
                    "_meta": .object(["io.modelcontextprotocol/serverInfo": info]),
                ], isModern: true)
        case "ping": return isModern ? .object(["resultType": "complete"]) : .object([:])
        case "tools/list":
            return cached(["tools": .array(try await tools.descriptions())], isModern: isModern)
        case "tools/call":
            guard let name = params?["name"]?.string else {
                throw Failure(code: -32602, message: "params.name: expected a tool's name")
            }
            let result = try await tools.call(
                name, RequestFields(params?["arguments"]?.object ?? JSONObject()))
            return isModern ? Self.with(result, [.init(key: "resultType", value: "complete")]) : result
        default: throw Failure(code: -32601, message: "there is no method \(method.quotedForMessage)")
        }
    }

    private var capabilities: JSONValue { .object(["tools": .object([:])]) }
    private var info: JSONValue {
        .object(["name": "martlet", "title": "Martlet", "version": .string(version)])
    }

    /// A result that says for how long it may be kept, where the revision wants it: collections come and go.
    private func cached(_ members: KeyValuePairs<String, JSONValue>, isModern: Bool) -> JSONValue {
        let result = JSONValue.object(members)
        guard isModern else { return result }
        return Self.with(
            result,
            [
                .init(key: "resultType", value: "complete"), .init(key: "ttlMs", value: 0),
                .init(key: "cacheScope", value: "private"),
            ])
    }

    private static func with(_ result: JSONValue, _ more: [JSONObject.Member]) -> JSONValue {
        .object(JSONObject((result.object?.members ?? []) + more))
    }
}

#endif
