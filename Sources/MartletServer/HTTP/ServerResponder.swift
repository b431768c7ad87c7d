#if Server

internal import HTTPTypes
internal import Hummingbird

/// The router over the list of routes, with an answer for what no route answers.
struct ServerResponder: HTTPResponder {
    typealias Context = ServerContext

    private let router: RouterResponder<ServerContext>
    private let core: ServerCore
    private let cors: CORS?
    private let known: [PathPattern: [Route]]

    init(_ core: ServerCore) {
        self.core = core
        let router = Router(context: ServerContext.self, options: .autoGenerateHeadEndpoints)
        for route in core.routes {
            router.on(RouterPath(route.path), method: route.method) { request, context in await core.respond(route, request, context) }
        }
        self.router = router.buildResponder()
        let origins = core.configuration.corsOrigins
        cors = origins.isEmpty ? nil : CORS(origins: origins)
        known = Dictionary(grouping: core.routes) { PathPattern($0.path) }
    }

    func respond(to request: Request, context: ServerContext) async throws -> Response {
        guard let cors, let origin = cors.allowed(request) else {
            return isForeign(request) ? await refused(request, context) : try await routed(request, context)
        }
        if request.method == .options { return cors.preflight(origin, request) }
        var response = try await routed(request, context)
        cors.allow(origin, &response.headers)
        return response
    }

    /// Whether a script of another origin wants to change something: a browser sends it for any page, and asks first only for some.
    private func isForeign(_ request: Request) -> Bool {
        guard let origin = request.headers[.origin], ![.get, .head, .options].contains(request.method) else { return false }
        guard let scheme = ["http://", "https://"].first(where: origin.hasPrefix) else { return true }
        return origin.dropFirst(scheme.count) != request.head.authority ?? ""
    }

    private func refused(_ request: Request, _ context: ServerContext) async -> Response {
        let route = Route(request.method, "unknown", .own, "", isOpen: true) { _ in
            throw ServiceError(.forbidden, "pages of other origins may not call this server; --cors-origin names those that may")
        }
        return await core.respond(route, request, context)
    }

    private func routed(_ request: Request, _ context: ServerContext) async throws -> Response {
        let response = try await router.respond(to: request, context: context)
        // Each answer of a route has a request's name: this one is the router's own.
        if response.status == .notFound, !response.headers.contains(.requestID) { return await unknown(request, context) }
        return response
    }

    /// No such path, or a path that has other methods.
    private func unknown(_ request: Request, _ context: ServerContext) async -> Response {
        let path = request.uri.path
        let others = known.first { $0.key.matches(path) }?.value ?? []
        let methods = others.map(\.method.rawValue)
        let error =
            others.isEmpty
            ? ServiceError(.notFound, "there is no route \(request.method) \(path); GET /docs lists them")
            : ServiceError(.methodNotAllowed, "\(path) takes \(methods.joined(separator: ", ")), not \(request.method)")
        let dialect = others.first?.dialect ?? .own
        let route = Route(request.method, others.first?.path ?? "unknown", dialect, "", isOpen: true) { _ in throw error }
        var response = await core.respond(route, request, context)
        if !methods.isEmpty { response.headers[.allow] = methods.joined(separator: ", ") }
        return response
    }
}

/// A path whose parts in braces match anything.
private struct PathPattern: Hashable {
    private let parts: [String?]

    init(_ path: String) { parts = path.split(separator: "/").map { $0.first == "{" ? nil : String($0) } }

    func matches(_ path: String) -> Bool {
        let given = path.split(separator: "/")
        return given.count == parts.count && zip(parts, given).allSatisfy { $0 == nil || $0 == String($1) }
    }
}

#endif
