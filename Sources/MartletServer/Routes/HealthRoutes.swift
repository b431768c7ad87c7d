#if Server

import Synchronization
internal import HTTPTypes
internal import Martlet
internal import MartletJSON
internal import MartletSystem

/// Whether the server works, and what it counts.
enum HealthRoutes {
    static let all: [Route] = [health, health.alias("/ping"), metrics, home]

    private static let health = Route(
        .get, "/health", .tei,
        "200 once the first model is loaded, and while it gives finite numbers; else 503",
        response: .object(
            [.required("status", .string("")), .required("unix", .number("seconds since 1970"))], ""),
        isOpen: true
    ) { call in
        try check(call.server)
        let time = WallClock.now()
        return Reply(
            json: .object([
                "status": "ok", "unix": .number(Double(time.seconds) + Double(time.nanoseconds / 1000) / 1e6),
            ]))
    }

    static func check(_ server: ServerCore) throws(ServiceError) {
        guard let first = server.store.known.first else {
            throw ServiceError(.unavailable, "the server has no model")
        }
        if let failure = first.failure {
            throw ServiceError(.unavailable, "model \(first.entry.name) cannot be loaded: \(failure.message)")
        }
        switch first.state {
        case .loading: throw ServiceError(.unavailable, "model \(first.entry.name) is being loaded")
        // One that was in use and is not kept is loaded again when it is asked for.
        case .unloaded where first.lastUsed == 0 && !server.configuration.isLazy:
            throw ServiceError(.unavailable, "model \(first.entry.name) is not loaded yet")
        case .unloaded, .loaded: break
        }
        guard server.service.isSound.load(ordering: .relaxed) else {
            throw ServiceError(.unavailable, "the last inference gave numbers that are not finite")
        }
    }

    private static let metrics = Route(
        .get, "/metrics", .own, "Counts and times for Prometheus",
        response: .media("text/plain; version=0.0.4; charset=utf-8", ""),
        isOpen: true
    ) { call in
        call.server.metrics.gauges.sample(call.server)
        return Reply(
            text: call.server.metrics.registry.text, type: "text/plain; version=0.0.4; charset=utf-8")
    }

    private static let home = Route(
        .get, "/", .own, "That the server runs; a page to try it for browsers",
        response: .media("text/plain", ""), isOpen: true
    ) { call in
        if let page = Page.reply(to: call.head) { return page }
        try check(call.server)
        return Reply(text: "Martlet is running")
    }
}

#endif
