#if Hub

internal import MartletHTTP
internal import MartletJSON
internal import NIOHTTP1

extension HubClient {
    /// Statuses after which the same request may succeed.
    private static let transient: Set<Int> = [408, 425, 429, 500, 502, 503, 504]

    /// Passes an answer with one of `expected`; says of any other what it means and what to do.
    func check(_ answer: Answer, _ expected: Set<Int>, _ reference: ModelReference, file: String? = nil)
        throws
    {
        let status = answer.status
        if expected.contains(status) { return }
        let what = reference.repository + (file.map { "/\($0)" } ?? "")
        if Self.transient.contains(status) {
            throw TransientFailure(
                message: "\(answer.url.origin): status \(status)",
                serverDelay: RetryAfter.delay(answer.headers))
        }
        // A signed address of a storage host runs out; the hub gives a fresh one.
        if (400..<500).contains(status), !answer.url.hasSameOrigin(as: endpoint) {
            throw TransientFailure(message: "\(answer.url.origin): status \(status)")
        }
        let code = answer.headers.first(name: "X-Error-Code") ?? ""
        // Such as "Invalid credentials in Authorization header", of a token that has ended.
        let said = answer.headers.first(name: "X-Error-Message").map { ", \($0.quotedForMessage)" } ?? ""
        let page = endpoint.appending(reference.repository).text
        switch (status, code) {
        case (_, "GatedRepo"):
            throw HubError(
                .unauthorized,
                "\(reference.repository) is gated: agree to its terms at \(page), and set HF_TOKEN to a token of that account",
                repository: reference.repository)
        case (_, "RevisionNotFound"):
            throw HubError(
                .notFound,
                "\(reference.repository) has no revision \(reference.revision.quotedForMessage); \(page) lists them",
                repository: reference.repository)
        // To who has no right to see it, a private model looks like none.
        case (_, "RepoNotFound"), (401, _), (403, _):
            throw HubError(
                token == nil ? .notFound : .unauthorized,
                "\(what): \(endpoint.origin) shows no such model (status \(status)\(said)); check the name, "
                    + (token == nil
                        ? "and set HF_TOKEN if it is private or gated"
                        : "and that the token of HF_TOKEN may read it"),
                repository: reference.repository)
        case (404, _):
            throw HubError(
                .notFound, "\(what): not found at \(endpoint.origin); check the name and the revision",
                repository: reference.repository)
        default:
            throw HubError(
                .refused, "\(what): \(answer.url.origin) answered with status \(status)\(said)",
                repository: reference.repository)
        }
    }
}

#endif
