internal import HTTPTypes

/// One route: where it is, what it says of itself, and what it does. The router, the OpenAPI description and the page of
/// documentation are made from the list of these.
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
    /// Whether it is one more way to another route, which the description leaves out.
    var isAlias = false
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
        _ method: HTTPRequest.Method, _ path: String, _ dialect: Dialect, _ summary: String, operation: Operation? = nil,
        request: Schema? = nil, response: Schema = .object([], ""), isOpen: Bool = false, isGuarded: Bool = false,
        isAlias: Bool = false, handle: @escaping @Sendable (Call) async throws -> Reply
    ) {
        self.method = method
        self.path = path
        self.dialect = dialect
        self.summary = summary
        self.operation = operation
        self.request = request
        self.response = response
        self.isOpen = isOpen
        self.isGuarded = isGuarded
        self.isAlias = isAlias
        self.handle = handle
    }

    /// The same under another path.
    func alias(_ path: String, isDescribed: Bool = false) -> Route {
        Route(
            method, path, dialect, summary, operation: operation, request: request, response: response, isOpen: isOpen,
            isGuarded: isGuarded, isAlias: !isDescribed, handle: handle)
    }
}
