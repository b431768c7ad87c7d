/// What goes away with a model.
public struct Removal: Sendable, Hashable {
    /// `org/repo`
    public let repository: String
    /// The commits that go.
    public let commits: [String]
    /// Bytes that become free: those of files that no other commit uses.
    public let bytes: Int
    /// Paths of links, references and blobs, in the order of their removal.
    let paths: [String]
    /// Whether nothing of the repository stays.
    let isWhole: Bool
}

extension Hub {
    /// Finds out what removing a model would remove: all of it, or with `@revision` one commit and what only
    /// that uses.
    /// - Throws: ``HubError`` if it is not in the cache.
    public func removal(of name: String) throws(HubError) -> Removal {
        let reference = try ModelReference(name)
        let repository = reference.repository
        if let variant = reference.variant {
            throw HubError(
                .invalidName,
                "\(variant) is one file of \(repository); name the model, or one revision of it as \(repository)@REVISION",
                repository: repository)
        }
        let folder = cache.folder(repository)
        let all = Files.names(in: cache.snapshots(repository))
        guard Files.exists(folder) else {
            throw HubError(
                .notFound, "\(reference.name) is not in \(cache.root); martlet list shows what is",
                repository: repository)
        }
        guard reference.namesRevision, all.count > 1 else {
            if reference.namesRevision,
                cache.commit(repository, revision: reference.revision).map(all.contains) != true
            {
                throw missing(reference)
            }
            let blobs = Files.names(in: cache.blobs(repository)).map { "\(cache.blobs(repository))/\($0)" }
            return Removal(
                repository: repository, commits: all, bytes: Self.size(blobs), paths: [folder], isWhole: true)
        }
        guard let commit = cache.commit(repository, revision: reference.revision), all.contains(commit) else {
            throw missing(reference)
        }
        let kept = Set(all.filter { $0 != commit }.flatMap { blobs(repository, $0) })
        let freed = blobs(repository, commit).filter { !kept.contains($0) }.sorted()
        let refs = cache.revisions(repository).filter { $0.commit == commit }.map {
            "\(cache.refs(repository))/\($0.name)"
        }
        // References first: at no time does a name stand for half a model.
        return Removal(
            repository: repository, commits: [commit], bytes: Self.size(freed),
            paths: refs + [cache.snapshot(repository, commit)] + freed,
            isWhole: false)
    }

    /// Removes what ``removal(of:)`` found.
    /// - Throws: ``HubError`` if a pull of the model runs, or the system refuses.
    public func remove(_ removal: Removal) throws(HubError) {
        let folder = cache.locks(removal.repository)
        var locks: [FileLock] = []
        for name in Files.names(in: folder) where name.hasSuffix(".lock") {
            guard let lock = try FileLock.take("\(folder)/\(name)") else {
                throw HubError(
                    .busy, "\(removal.repository): a pull of it runs; wait for its end, or stop it",
                    repository: removal.repository)
            }
            locks.append(lock)
        }
        if removal.isWhole {
            // The names before the bytes.
            try Files.removeTree(cache.refs(removal.repository))
            try Files.removeTree(cache.snapshots(removal.repository))
        }
        for path in removal.paths { try Files.removeTree(path) }
        if removal.isWhole { try Files.removeTree(folder) }
        withExtendedLifetime(locks) {}
    }

    private func missing(_ reference: ModelReference) -> HubError {
        HubError(
            .notFound,
            "\(reference.repository) is in \(cache.root), but not revision \(reference.revision); martlet list shows which are",
            repository: reference.repository)
    }

    /// The blobs that a commit's links lead to. A link out of the folder of blobs is not ours to follow.
    private func blobs(_ repository: String, _ commit: String) -> [String] {
        let folder = cache.snapshot(repository, commit)
        return Files.tree(folder).compactMap { file in
            guard let name = Files.linkTarget("\(folder)/\(file)")?.split(separator: "/").last else {
                return nil
            }
            let blob = "\(cache.blobs(repository))/\(name)"
            return Files.exists(blob) ? blob : nil
        }
    }

    private static func size(_ paths: [String]) -> Int {
        Set(paths).reduce(0) { $0 + (Files.linkTarget($1) == nil ? Files.status($1)?.size ?? 0 : 0) }
    }
}
