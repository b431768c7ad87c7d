#if Hub

internal import AsyncHTTPClient
internal import MartletSystem
internal import NIOCore
internal import NIOHTTP1

/// Fetches one file into the cache's blobs: goes on where an earlier download stopped, tries again when the
/// connection breaks, and gives the file its name when its digest is right.
struct BlobDownload: Sendable {
    let client: HubClient
    let cache: HubCache
    let reference: ModelReference
    let commit: String
    let file: RemoteFile
    let retry: RetryPolicy
    let disk: Disk
    let report: @Sendable (PullEvent) -> Void

    private var shown: PulledFile {
        PulledFile(path: file.path, size: file.size, digest: file.digest.hexadecimal, wasCached: false)
    }
    private var blob: String { cache.blob(reference.repository, file.digest) }

    /// Whether the cache holds the file. A blob is complete when it has its name; the size guards against
    /// damage.
    static func isCached(_ file: RemoteFile, _ cache: HubCache, _ repository: String) -> Bool {
        let status = Files.status(cache.blob(repository, file.digest))
        return status?.isRegular == true && status?.size == file.size
    }

    func run() async throws {
        do {
            try await fetch()
        } catch let error as HubError where error.code == .io {
            // Files of the cache are named by digests.
            throw HubError(
                .io, "\(reference.repository)/\(file.path): \(error.message)",
                repository: reference.repository)
        }
    }

    private func fetch() async throws {
        try Files.makeFolder(cache.blobs(reference.repository))
        try Files.makeFolder(cache.locks(reference.repository))
        var hasWaited = false
        let lock = try await FileLock.wait(cache.lock(reference.repository, file.digest)) {
            if !hasWaited { report(.waiting(file: shown)) }
            hasWaited = true
            try await retry.sleep(retry.lockPause)
        }
        defer { withExtendedLifetime(lock) {} }
        try await fetchLocked()
        report(.finished(file: shown))
    }

    private func fetchLocked() async throws {
        if Self.isCached(file, cache, reference.repository) { return }
        var partial = try await PartialFile(
            path: blob + ".incomplete", digest: file.digest, size: file.size, disk: disk)
        var mayHoldOldBytes = partial.count > 0
        while true {
            try await fill(&partial)
            if partial.isRight() { return try partial.finish(as: blob) }
            try partial.clear()
            guard mayHoldOldBytes else { break }
            // What an earlier download left was not a part of this file.
            mayHoldOldBytes = false
        }
        try Files.remove(partial.path)
        throw HubError(
            .wrongDigest,
            "\(reference.repository)/\(file.path): its bytes do not match the digest \(file.digest.hexadecimal) that \(client.endpoint.origin) "
                + "names; they were damaged or changed on the way, and are removed",
            repository: reference.repository)
    }

    /// Reads until the file has its size.
    private func fill(_ partial: inout PartialFile) async throws {
        var failures = FailureRow(size: file.size, received: partial.count)
        while partial.count < file.size {
            do {
                try await request(&partial)
                if partial.count < file.size {
                    throw TransientFailure(message: "\(client.endpoint.origin): the connection was closed")
                }
            } catch let failure as TransientFailure {
                if partial.count == file.size { return }
                failures.add(failure, received: partial.count)
                let pause = try retry.pause(
                    failures.count, failure, what: "\(reference.repository)/\(file.path)", reference)
                report(.retrying(file: file.path, reason: failure.message, pause: pause))
                try await retry.sleep(pause)
            }
        }
    }

    /// One request for the rest of the file.
    private func request(_ partial: inout PartialFile) async throws {
        let address = client.address(of: file.path, reference, commit: commit)
        let range = partial.count > 0 ? [("Range", "bytes=\(partial.count)-")] : []
        let answer = try await client.send(.GET, address, headers: range)
        if answer.status == 416, partial.count > 0 {
            try partial.clear()
            throw TransientFailure(
                message: "\(answer.url.origin): cannot go on where the download stopped (status 416)")
        }
        try client.check(answer, [200, 206], reference, file: file.path)
        if answer.status == 206 {
            guard let start = Self.start(answer.headers.first(name: "Content-Range"), size: file.size),
                start == partial.count
            else {
                throw HubError(
                    .invalidResponse,
                    "\(reference.repository)/\(file.path): \(answer.url.origin) sent another part of the file than asked for",
                    repository: reference.repository)
            }
        } else if partial.count > 0 {
            try partial.clear()
        }
        var pace = TransferPace(client.timeouts, clock: retry.clock)
        do {
            for try await buffer in answer.body {
                guard buffer.readableBytes <= file.size - partial.count else {
                    try partial.clear()
                    throw HubError(
                        .invalidResponse,
                        "\(reference.repository)/\(file.path): more than the \(file.size) bytes that the hub announced",
                        repository: reference.repository)
                }
                try buffer.withUnsafeReadableBytes { try partial.append($0) }
                report(.received(file: shown, bytes: partial.count))
                // What has arrived is kept, also if it came too slowly.
                try pace.add(buffer.readableBytes, from: answer.url)
            }
        } catch let error as HubError {
            throw error
        } catch let failure as TransientFailure {
            throw failure
        } catch {
            throw try HubClient.failure(error, answer.url)
        }
    }

    /// The first byte of `bytes FIRST-LAST/SIZE`; nil if the size is not the file's.
    static func start(_ range: String?, size: Int) -> Int? {
        guard let range, range.lowercased().hasPrefix("bytes ") else { return nil }
        let parts = range.dropFirst("bytes ".count).split(separator: "/")
        guard parts.count == 2, parts[1] == "*" || Int(parts[1]) == size else { return nil }
        return parts[0].split(separator: "-").first.flatMap { Int($0) }
    }
}

extension RetryPolicy {
    /// The pause before the next attempt.
    /// - Throws: ``HubError`` when it is time to give up.
    /// - Parameter since: When the first attempt began, on the policy's clock; nil: it does not matter.
    func pause(
        _ failures: Int, _ failure: TransientFailure, what: String, _ reference: ModelReference,
        since start: UInt64? = nil
    ) throws(HubError) -> Duration {
        let most = failure.isUnreachable ? min(attempts, attemptsToReach ?? attempts) : attempts
        guard failures < most, !(failure.isUnreachable && hasTriedLongEnough(since: start)) else {
            let count = failures == 1 ? "" : ", \(failures) times in a row"
            let mirror = failure.isTooSlow ? "; HF_ENDPOINT names a faster server, if there is one" : ""
            throw HubError(
                .network,
                "\(what): \(failure.message)\(count); what was fetched is kept, run the pull again to go on\(mirror)",
                repository: reference.repository)
        }
        if let asked = failure.serverDelay, asked > longestServerDelay {
            throw HubError(
                .refused,
                "\(what): \(failure.message); the server asks to come back in \(asked.components.seconds) s",
                repository: reference.repository)
        }
        return delay(afterFailures: failures, serverDelay: failure.serverDelay)
    }

    private func hasTriedLongEnough(since start: UInt64?) -> Bool {
        guard let start, let longestToReach else { return false }
        return .nanoseconds(Int64(clamping: clock.now() &- start)) >= longestToReach
    }

    /// Repeats `body` as long as it fails in ways that may go away.
    func run<Result>(
        _ reference: ModelReference, file: String?, _ report: (PullEvent) -> Void,
        _ body: () async throws -> Result
    ) async throws -> Result {
        var failures = 0
        let start = clock.now()
        while true {
            do {
                return try await body()
            } catch let failure as TransientFailure {
                failures += 1
                let what = reference.repository + (file.map { "/\($0)" } ?? "")
                let pause = try pause(failures, failure, what: what, reference, since: start)
                report(.retrying(file: file, reason: failure.message, pause: pause))
                try await sleep(pause)
            }
        }
    }
}

#endif
