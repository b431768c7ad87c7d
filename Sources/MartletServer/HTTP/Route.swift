#if Server

internal import HTTPTypes

/// One route: where it is, what it says of itself, and what it does. The router, the OpenAPI description and
/// the page of documentation are made from the list of these.
struct Route: Sendable {
    let method: HTTPRequest.Method
    /// Parts in braces stand for something: `/v1/models/{id}`.
    let path: String
    let dialect: Dialect
    let summary: String
    /// What it computes, for the metrics; nil for routes that compute nothing.
    var operation: Operation?
    var request: Schema?
    var response: Schema = .object([], "")
    /// Whether it can be called without the key.
    var isOpen = false
    /// Whether the server has to be set up to allow it.
    var isGuarded = false
    /// The path of the route that this is one more way to; the description leaves it out.
    var aliasOf: String?
    /// Whose client it may answer, too, by its members.
    var otherDialect: Dialect?
    var isAlias: Bool { aliasOf != nil }
    /// Whether it refuses every member that it does not read, rather than those that would change its result:
    /// a route without clients of other servers.
    var refusesUnknown = false
    /// For messages.
    let name: String
    /// The members that it reads of a body.
    var members: Set<String>
    let handle: @Sendable (Call) async throws -> Reply

    /// The words of TEI's label `method`.
    enum Operation: String, Sendable {
        case embed
        case embedAll = "embed_all"
        case embedSparse = "embed_sparse"
        case predict
        case rerank
        case tokenize
    }

    init(
        _ method: HTTPRequest.Method, _ path: String, _ dialect: Dialect, _ summary: String,
        operation: Operation? = nil,
        request: Schema? = nil, response: Schema = .object([], ""), isOpen: Bool = false,
        isGuarded: Bool = false,
        aliasOf: String? = nil, otherDialect: Dialect? = nil,
        handle: @escaping @Sendable (Call) async throws -> Reply
    ) {
        self.method = method
        name = "\(method.rawValue) \(path)"
        self.path = path
        self.dialect = dialect
        self.summary = summary
        self.operation = operation
        self.request = request
        members = request?.members ?? []
        self.response = response
        self.isOpen = isOpen
        self.isGuarded = isGuarded
        self.aliasOf = aliasOf
        self.otherDialect = otherDialect
        self.handle = handle
    }

    func refusingUnknown() -> Route {
        var route = self
        route.refusesUnknown = true
        return route
    }

    /// The same under another path, perhaps for another client.
    func alias(_ path: String, for client: Dialect? = nil) -> Route {
        var alias = Route(
            method, path, client ?? dialect, summary, operation: operation, request: request,
            response: response,
            isOpen: isOpen,
            isGuarded: isGuarded, aliasOf: aliasOf ?? self.path, otherDialect: otherDialect, handle: handle)
        alias.refusesUnknown = refusesUnknown
        return alias
    }
}

#endif
