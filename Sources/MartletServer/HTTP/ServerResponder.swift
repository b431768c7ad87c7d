#if Server

internal import HTTPTypes
internal import Hummingbird

/// The router over the list of routes, with an answer for what no route answers.
struct ServerResponder: HTTPResponder {
    typealias Context = ServerContext

    private let router: RouterResponder<ServerContext>
    private let core: ServerCore
    private let cors: CORS?
    private let hosts: HostRules
    private let known: [PathPattern: [Route]]

    init(_ core: ServerCore) {
        self.core = core
        let router = Router(context: ServerContext.self, options: .autoGenerateHeadEndpoints)
        for route in core.routes {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                await core.respond(route, request, context)
            }
        }
        self.router = router.buildResponder()
        hosts = HostRules(core.configuration)
        cors = hosts.origins.isEmpty ? nil : CORS(origins: hosts.origins)
        known = Dictionary(grouping: core.routes) { PathPattern($0.path) }
    }

    func respond(to request: Request, context: ServerContext) async throws -> Response {
        do throws(ServiceError) { try hosts.check(request.head) } catch {
            return await refused(error, request, context)
        }
        guard let cors, let origin = cors.allowed(request) else { return try await routed(request, context) }
        if request.method == .options { return cors.preflight(origin, request) }
        var response = try await routed(request, context)
        cors.allow(origin, &response.headers)
        return response
    }

    private func refused(_ error: ServiceError, _ request: Request, _ context: ServerContext) async
        -> Response
    {
        let route = Route(request.method, "unknown", dialect(of: request), "", isOpen: true) { _ in
            throw error
        }
        return await core.respond(route, request, context)
    }

    /// Whose client asks, as far as the path tells.
    private func dialect(of request: Request) -> Dialect {
        let path = request.uri.path
        return known.first { $0.key.matches(path) }?.value.first?.dialect ?? Dialect(path: path)
    }

    private func routed(_ request: Request, _ context: ServerContext) async throws -> Response {
        let response = try await router.respond(to: request, context: context)
        // Each answer of a route has a request's name: this one is the router's own.
        if response.status == .notFound, !response.headers.contains(.requestID) {
            return await unknown(request, context)
        }
        return response
    }

    /// No such path, or a path that has other methods.
    private func unknown(_ request: Request, _ context: ServerContext) async -> Response {
        let path = request.uri.path
        let isAll = path == "*"
        let others = isAll ? core.routes : known.first { $0.key.matches(path) }?.value ?? []
        var methods = Set(others.map(\.method.rawValue))
        if methods.contains("GET") { methods.insert("HEAD") }
        if !methods.isEmpty { methods.insert("OPTIONS") }
        let allowed = methods.sorted().joined(separator: ", ")
        let error =
            others.isEmpty
            ? ServiceError(.notFound, "there is no route \(request.method) \(path); GET /docs lists them")
            : ServiceError(.methodNotAllowed, "\(path) takes \(allowed), not \(request.method)")
        let asks = request.method == .options && !others.isEmpty
        let place = isAll ? "*" : others.first?.path ?? "unknown"
        let route = Route(request.method, place, dialect(of: request), "", isOpen: true) { _ in
            if asks { return .nothing }
            throw error
        }
        var response = await core.respond(route, request, context)
        if !methods.isEmpty { response.headers[.allow] = allowed }
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
