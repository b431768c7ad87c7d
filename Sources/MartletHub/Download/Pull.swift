#if Hub

internal import Martlet
internal import MartletJSON

/// Fetches a model: the list of its files, what is said of each, those that the cache lacks, and at the end
/// the names under which they are found.
struct Pull: Sendable {
    let client: HubClient
    let cache: HubCache
    let reference: ModelReference
    let retry: RetryPolicy
    let disk: Disk
    let report: @Sendable (PullEvent) -> Void

    /// Files that are fetched at a time.
    private static let width = 4
    private static let attemptsToReach = 3
    private static let longestToReach = Duration.seconds(8)
    private static let indexLimit = 64 << 20

    /// - Returns: The commit that was pulled.
    func run() async throws -> String {
        // Without a network nothing has begun that would be worth a longer wait.
        var first = retry
        first.attemptsToReach = Self.attemptsToReach
        first.longestToReach = Self.longestToReach
        let listing = try await first.run(reference, file: nil, report) {
            try await client.listing(reference)
        }
        let commit = listing.commit
        report(.resolved(commit: commit))
        let selection = FileSelection(
            repository: reference.repository, all: listing.files, variant: reference.variant)

        var texts: [String: [UInt8]] = [:]
        for index in try await describe(selection.indices, commit) {
            try await fetch([index], commit)
            texts[index.path] = try Files.read(
                cache.blob(reference.repository, index.digest), limit: Self.indexLimit)
        }

        var pickles: Set<String> = []
        if let path = try selection.torchBesideExport(texts), try await !isZip(path, commit) {
            pickles.insert(path)
        }
        let files = try await describe(selection.files(texts, pickles: pickles), commit)
        let missing = files.filter { !BlobDownload.isCached($0, cache, reference.repository) }
        report(
            .planned(
                files: files.map { file in
                    PulledFile(
                        path: file.path, size: file.size, digest: file.digest.hexadecimal,
                        wasCached: !missing.contains(file))
                }))
        try checkSpace(missing)
        try await fetch(missing, commit)
        for file in files { try cache.link(reference.repository, commit, file: file.path, to: file.digest) }
        try cache.setRevision(reference.repository, reference.revision, to: commit)
        return commit
    }

    /// Whether a file of torch.save is of the form that is read, which its first bytes tell.
    private func isZip(_ path: String, _ commit: String) async throws -> Bool {
        guard let file = try await describe([path], commit).first, file.size >= 2 else { return false }
        if BlobDownload.isCached(file, cache, reference.repository) {
            return ModelFileNames.isZip(
                Files.beginning(cache.blob(reference.repository, file.digest), count: 2))
        }
        return ModelFileNames.isZip(
            try await retry.run(reference, file: path, report) {
                try await client.beginning(of: path, count: 2, reference, commit: commit)
            })
    }

    /// In the order of the paths.
    private func describe(_ paths: [String], _ commit: String) async throws -> [RemoteFile] {
        var found: [String: RemoteFile] = [:]
        try await inParallel(paths) { path in
            try await retry.run(reference, file: path, report) {
                try await client.describe(path, reference, commit: commit)
            }
        } each: {
            found[$0.path] = $0
        }
        return paths.compactMap { found[$0] }
    }

    private func fetch(_ files: [RemoteFile], _ commit: String) async throws {
        // Two names of the same bytes are one blob.
        var seen: Set<ContentDigest> = []
        let distinct = files.filter { seen.insert($0.digest).inserted }
        try await inParallel(distinct) { file in
            try await BlobDownload(
                client: client, cache: cache, reference: reference, commit: commit, file: file, retry: retry,
                disk: disk, report: report
            ).run()
        } each: { _ in
        }
    }

    /// Runs `body` on every element, a few at a time; the first failure ends the others.
    private func inParallel<Element: Sendable, Result: Sendable>(
        _ elements: [Element], _ body: @escaping @Sendable (Element) async throws -> Result,
        each: (Result) -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Result.self) { group in
            for (index, element) in elements.enumerated() {
                if index >= Self.width, let result = try await group.next() { each(result) }
                group.addTask { try await body(element) }
            }
            while let result = try await group.next() { each(result) }
        }
    }

    private func checkSpace(_ missing: [RemoteFile]) throws(HubError) {
        let folder = cache.folder(reference.repository)
        try Files.makeFolder(folder)
        let needed = missing.reduce(0) { sum, file in
            let (total, overflow) = sum.addingReportingOverflow(file.size)
            let done = Files.status(cache.blob(reference.repository, file.digest) + ".incomplete")?.size ?? 0
            return overflow ? .max : max(0, total - min(done, file.size))
        }
        guard let free = disk.freeSpace(folder), needed > free else { return }
        // Rounded so that the two numbers always differ.
        let (most, left) = (needed >> 20, free >> 20)
        throw HubError(
            .io,
            "\(reference.repository) needs \(most + (most << 20 < needed ? 1 : 0)) MiB more, and \(cache.root) has \(left) MiB left; "
                + Files.roomAdvice,
            repository: reference.repository)
    }
}

#endif
