package import MartletHTTP
import Martlet
import MartletJSON

/// Asks a chat model for a question in other words, so that a search finds what is worded differently.
///
/// The endpoint is one of OpenAI's form: `POST ADDRESS/chat/completions`.
package struct QueryRewriter: Sendable {
    private let url: String
    private let model: String
    private let key: String?
    private let client: RetryingClient

    /// The most other wordings that are taken from an answer.
    package static let mostWordings = 4
    private static let longestWording = 1000

    /// - Parameters:
    ///   - address: The endpoint's base, such as http://localhost:11434/v1.
    ///   - model: The chat model's name.
    ///   - key: Sent as a bearer token; nil: none is sent.
    package init(
        address: String, model: String, key: String? = nil, transport: any HTTPTransport,
        retries: RetryPause = QueryRewriter.patience
    ) {
        var address = address.contains("://") ? address : "http://\(address)"
        while address.hasSuffix("/") { address.removeLast() }
        url = address.hasSuffix("/chat/completions") ? address : address + "/chat/completions"
        (self.model, self.key) = (model, key)
        client = RetryingClient(name: address, secret: key, transport: transport, retries: retries)
    }

    /// Somebody waits for the search: few attempts, short pauses.
    package static var patience: RetryPause {
        var retries = RetryPause()
        (retries.attempts, retries.attemptsToReach) = (3, 1)
        (retries.longest, retries.longestAsked) = (.seconds(2), .seconds(5))
        return retries
    }

    private static let instruction = """
        You help a search engine. Write the user's question in other words, so that documents which use other \
        terms are found too. Answer with up to \(mostWordings) wordings, one on each line, and nothing else: no \
        numbers, no explanations. Keep the language of the question.
        """

    /// Other wordings of a question, from one to four.
    /// - Throws: ``MartletError`` if the endpoint gives none; `CancellationError`.
    package func wordings(of question: String) async throws -> [String] {
        func message(_ role: String, _ content: String) -> JSONValue {
            .object(
                JSONObject([
                    .init(key: "role", value: .string(role)), .init(key: "content", value: .string(content)),
                ]))
        }
        let value = JSONValue.object(
            JSONObject([
                .init(key: "model", value: .string(model)),
                .init(
                    key: "messages",
                    value: .array([message("system", Self.instruction), message("user", question)])),
                .init(key: "temperature", value: .integer(0)), .init(key: "stream", value: .bool(false)),
            ]))
        var body: [UInt8] = []
        JSONText.append(value, to: &body)
        let request = HTTPRequest(
            url: url, headers: key.map { [("Authorization", "Bearer \($0)")] } ?? [], body: body)
        do {
            return try await client.send(request) { answer in
                guard let value = try? JSONValue.parse(answer.body),
                    let content = value["choices"]?[0]?["message"]?["content"]?.string
                else { return .again("gave an answer without choices[0].message.content") }
                let wordings = Self.wordings(in: content, of: question)
                return wordings.isEmpty ? .again("gave no other wording") : .value(wordings)
            }
        } catch let failure as RetryingClient.Failure {
            throw MartletError(.io, "the question was not rewritten: \(url): \(failure.reason)")
        }
    }

    /// The lines of an answer without list marks and quotes; what a model says of its own thinking is left
    /// out.
    static func wordings(in content: String, of question: String) -> [String] {
        var text = content[...]
        if let open = content.firstRange(of: "<think>"), let close = content.firstRange(of: "</think>"),
            open.lowerBound < close.lowerBound
        {
            text = content[close.upperBound...]
        }
        var seen: Set<String> = [question.lowercased()]
        var found: [String] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let wording = withoutMarks(line)
            guard !wording.isEmpty, wording.utf8.count <= longestWording,
                seen.insert(wording.lowercased()).inserted
            else { continue }
            found.append(wording)
            if found.count == mostWordings { break }
        }
        return found
    }

    private static func withoutMarks(_ line: Substring) -> String {
        var rest = line.drop(while: \.isWhitespace)
        let number = rest.prefix { $0.isASCII && $0.isNumber }
        let afterNumber = rest.dropFirst(number.count)
        if !number.isEmpty, let mark = afterNumber.first, mark == "." || mark == ")",
            afterNumber.dropFirst().first?.isWhitespace ?? true
        {
            rest = afterNumber.dropFirst()
        } else if let mark = rest.first, "-*•".contains(mark), rest.dropFirst().first?.isWhitespace == true {
            rest = rest.dropFirst()
        }
        rest = rest.drop(while: \.isWhitespace)
        while rest.last?.isWhitespace == true { rest.removeLast() }
        if rest.count >= 2, let first = rest.first, first == rest.last, first == "\"" || first == "'" {
            rest = rest.dropFirst().dropLast()
        }
        return String(rest)
    }
}

extension String {
    fileprivate func firstRange(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex, !self[start...].hasPrefix(text) { start = index(after: start) }
        return start < endIndex ? start..<index(start, offsetBy: text.count) : nil
    }
}
