#if Hub

extension Hub {
    /// Fetches what of a model is missing in the cache.
    ///
    /// The files are checked against their digests, and an interrupted pull goes on where it stopped. Two
    /// pulls of one model, also of another process or of Python, wait for each other.
    /// - Parameters:
    ///   - name: A known model, `org/repo`, `org/repo@revision` or `org/repo:Q8_0`.
    ///   - progress: Called as the pull goes on, on any thread, one call at a time for a file.
    /// - Throws: ``HubError``; `CancellationError` if the task is cancelled, which keeps what was fetched.
    @discardableResult
    public func pull(_ name: String, progress: @escaping @Sendable (PullEvent) -> Void = { _ in })
        async throws -> CachedModel
    {
        let reference = try ModelReference(name)
        if settings.isOffline {
            guard let model = try find(name), model.problem == nil else {
                throw HubError(
                    .offline,
                    "\(reference.name) is not whole in \(cache.root), and offline nothing is fetched; drop --offline or HF_HUB_OFFLINE",
                    repository: reference.repository)
            }
            return model
        }
        guard let endpoint = HubURL(settings.endpoint) else {
            throw HubError(
                .invalidName,
                "the hub's address (HF_ENDPOINT) is not as https://huggingface.co, without a user name")
        }
        try Files.makeFolder(cache.root)
        let proxy = try settings.proxy(for: endpoint)
        let commit = try await HubClient.with(
            endpoint: endpoint, token: settings.token, proxy: proxy, authorities: settings.authorities,
            timeouts: timeouts
        ) { client in
            try await Pull(
                client: client, cache: cache, reference: reference, retry: retry, disk: disk, report: progress
            ).run()
        }
        return CachedModel(cache, reference.repository, commit: commit, variant: reference.variant)
    }

    /// A pull as a sequence of what happens, which ends when the model is there. Dropping the sequence
    /// cancels the pull.
    public func events(pulling name: String) -> AsyncThrowingStream<PullEvent, any Error> {
        AsyncThrowingStream { continuation in
            let task = Task {
                do {
                    try await pull(name) { continuation.yield($0) }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }
}

#endif
