public import Martlet

/// A model in the cache.
public struct CachedModel: Sendable, Hashable {
    /// `org/repo`
    public let repository: String
    /// The commit, 40 hexadecimal digits.
    public let commit: String
    /// The branches and tags that stand for the commit here.
    public let revisions: [String]
    /// What an embedder opens: the folder of the commit, or a GGUF file in it.
    public let path: String
    /// Bytes of all of its files, links followed.
    public let size: Int
    /// When it was fetched last, in seconds since 1970.
    public let modified: Int
    /// What the model gives; nil where its files do not tell.
    public let kind: ModelKind?
    /// `model_type` of config.json, or `general.architecture` of a GGUF file; nil where there is none.
    public let family: String?
    /// Why the model cannot be used, and what to do; nil if its configuration, the names and shapes of its
    /// weights and the other files it needs say nothing against it.
    public let problem: String?

    /// The row of the model, or of the one that it is an export of, in the list of known ones.
    public var known: KnownModel? { KnownModels.ofRepository(repository) }

    /// What to open an embedder with. Where the files have no prompts, or do not say how to pool, those of
    /// the list of known models apply.
    public var source: ModelSource {
        var source = ModelSource.path(path)
        source.published = PublishedFacts(
            name: repository, queryPrompt: known?.queryPrompt, documentPrompt: known?.documentPrompt,
            pooling: known?.pooling)
        return source
    }
}

extension CachedModel {
    init(_ cache: HubCache, _ repository: String, commit: String, variant: String?) {
        let folder = cache.snapshot(repository, commit)
        let files = Files.tree(folder)
        var seen: Set<[UInt64]> = []
        var size = 0
        var modified = Files.status(folder)?.modified ?? 0
        for file in files {
            guard let status = Files.status("\(folder)/\(file)"), seen.insert(status.identity).inserted else {
                continue
            }
            size += status.size
            modified = max(modified, status.modified)
        }
        let found = SnapshotFiles(repository: repository, folder: folder, files: files, variant: variant)
        self.repository = repository
        self.commit = commit
        revisions = cache.revisions(repository).filter { $0.commit == commit }.map(\.name)
        path = found.path
        self.size = size
        self.modified = modified
        kind = KnownModels.ofRepository(repository)?.kind ?? found.kind
        family = found.family
        problem = found.problem
    }
}
