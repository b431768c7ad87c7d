internal import Martlet

/// Models by name: those in the cache, which is the one of Hugging Face's own tools, and those that a hub can
/// give.
///
/// ```swift
/// let hub = Hub()
/// let model = try await hub.pull("BAAI/bge-small-en-v1.5") { print($0) }
/// let embedder = try Embedder(model.source)
/// ```
///
/// A name is one of ``KnownModels``, such as `nomic-embed-text`, or `org/repo`, with `@revision` for a
/// branch, a tag or a commit, and with `:Q8_0` for one of several GGUF files. Only ``pull(_:progress:)`` ever
/// opens a connection.
public struct Hub: Sendable {
    let cache: HubCache
    let settings: HubSettings
    let retry: RetryPolicy
    let timeouts: PullTimeouts
    let disk: Disk

    /// A hub with its cache. What is not given, the environment says: `HF_HUB_CACHE`, `HF_HOME`,
    /// `XDG_CACHE_HOME`, `HF_ENDPOINT`, `HF_TOKEN` or the file that `huggingface-cli login` writes,
    /// `HF_HUB_OFFLINE`, `HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE`.
    /// - Parameters:
    ///   - cache: The folder that holds `models--org--repo`.
    ///   - endpoint: The server, as `https://huggingface.co`.
    ///   - token: Sent to the endpoint, and to no other host; an empty one sends none.
    ///   - offline: Whether a pull is an error where something is missing.
    public init(cache: String? = nil, endpoint: String? = nil, token: String? = nil, offline: Bool? = nil) {
        self.init(cache: cache, endpoint: endpoint, token: token, offline: offline, environment: .environment)
    }

    init(
        cache: String? = nil, endpoint: String? = nil, token: String? = nil, offline: Bool? = nil,
        environment: HubSettings,
        retry: RetryPolicy = RetryPolicy(), timeouts: PullTimeouts = PullTimeouts(), disk: Disk = Disk()
    ) {
        var settings = environment
        if let cache { settings.cache = cache }
        if let endpoint { settings.endpoint = endpoint }
        if let token { settings.token = token.isEmpty ? nil : token }
        if let offline { settings.isOffline = offline }
        self.settings = settings
        self.retry = retry
        self.timeouts = timeouts
        self.disk = disk
        self.cache = HubCache(root: settings.cache)
    }

    /// The folder that holds the models.
    public var cachePath: String { cache.root }
    /// The server that models are pulled from.
    public var endpoint: String { settings.endpoint }
    /// Whether no connection is ever opened.
    public var isOffline: Bool { settings.isOffline }

    /// The model in the cache, or nil if it was never pulled. Its ``CachedModel/problem`` says if files are
    /// missing.
    /// - Throws: ``HubError`` if the name is not one of a model.
    public func find(_ name: String) throws(HubError) -> CachedModel? {
        let reference = try ModelReference(name)
        guard let commit = cache.commit(reference.repository, revision: reference.revision),
            Files.status(cache.snapshot(reference.repository, commit))?.isFolder == true
        else { return nil }
        return CachedModel(cache, reference.repository, commit: commit, variant: reference.variant)
    }

    /// The model in the cache, whole.
    /// - Throws: ``HubError`` that says how to pull it if it is not there.
    public func require(_ name: String) throws(HubError) -> CachedModel {
        let reference = try ModelReference(name)
        guard let model = try find(name) else {
            throw HubError(
                .notFound, "\(reference.name) is not in \(cache.root); run: martlet pull \(name)",
                repository: reference.repository)
        }
        if let problem = model.problem {
            throw HubError(.notFound, "\(reference.name): \(problem)", repository: reference.repository)
        }
        return model
    }

    /// Every model in the cache, in the order of the names; a model of several commits is there for each.
    public func list() -> [CachedModel] {
        cache.repositories.flatMap { repository in
            Files.names(in: cache.snapshots(repository)).filter(SafePath.isCommit).map { commit in
                CachedModel(cache, repository, commit: commit, variant: nil)
            }
        }
    }
}
