#if Hub

import MartletSystem
import Synchronization

@testable import MartletHub

/// A cache that goes away with its last reference, and hubs over it that never really wait.
final class Scratch: Sendable {
    let path: String
    private let log = Mutex<(pauses: [Duration], events: [PullEvent])>(([], []))

    init() throws {
        var template = Array("/tmp/martlet-hub-tests-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw HubError(.io, "mkdtemp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? Files.removeTree(path) }

    var cache: HubCache { HubCache(root: path + "/hub") }
    var folder: String { cache.folder(FakeRepository.name) }
    /// What the hubs would have waited.
    var pauses: [Duration] { log.withLock { $0.pauses } }
    var events: [PullEvent] { log.withLock { $0.events } }

    func hub(
        _ server: HTTPServer?, token: String? = nil, offline: Bool = false,
        timeouts: PullTimeouts = PullTimeouts(),
        attempts: Int = 6, endpoint: String? = nil, proxy: String? = nil, authorities: String? = nil,
        clock: MonotonicClock = .system, disk: Disk = Disk()
    ) -> Hub {
        var retry = RetryPolicy()
        retry.attempts = attempts
        retry.clock = clock
        retry.jitter = { 0 }
        retry.sleep = { [self] pause in
            log.withLock { $0.pauses.append(pause) }
            // Not the pause that was asked for, but a turn for whoever is waited for.
            try await Task.sleep(for: .milliseconds(1))
        }
        var settings = HubSettings(variable: { _ in nil }, readFile: { _ in nil })
        settings.cache = path + "/hub"
        settings.endpoint = endpoint ?? server?.address ?? "http://127.0.0.1:9"
        settings.proxies["http"] = proxy
        settings.authorities = authorities
        settings.token = token
        settings.isOffline = offline
        return Hub(environment: settings, retry: retry, timeouts: timeouts, disk: disk)
    }

    @discardableResult
    func pull(_ hub: Hub, _ name: String = FakeRepository.name) async throws -> CachedModel {
        try await hub.pull(name) { event in self.log.withLock { $0.events.append(event) } }
    }

    func write(_ path: String, _ bytes: [UInt8]) throws {
        try Files.makeFolder(
            path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/"))
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        defer { close(descriptor) }
        let count = bytes.withUnsafeBytes { put(descriptor, $0) }
        guard descriptor >= 0, count == bytes.count else { throw HubError(.io, "cannot write \(path)") }
    }
}

private func put(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}

#endif
