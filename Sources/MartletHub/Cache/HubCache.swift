internal import Martlet

/// The folder that Hugging Face's tools keep models in, so that each finds what the other fetched:
///
///     models--org--repo/refs/main                     a commit
///     models--org--repo/snapshots/COMMIT/config.json  a link to
///     models--org--repo/blobs/DIGEST                  the bytes, named by what the hub names them by
///     .locks/models--org--repo/DIGEST.lock            held by whoever fetches the blob
struct HubCache: Sendable, Hashable {
    let root: String

    init(root: String) {
        var root = root
        while root.utf8.count > 1, root.hasSuffix("/") { root.removeLast() }
        self.root = root
    }

    func folder(_ repository: String) -> String { "\(root)/\(ModelReference.folderName(repository))" }
    func blobs(_ repository: String) -> String { "\(folder(repository))/blobs" }
    func snapshots(_ repository: String) -> String { "\(folder(repository))/snapshots" }
    func snapshot(_ repository: String, _ commit: String) -> String { "\(snapshots(repository))/\(commit)" }
    func refs(_ repository: String) -> String { "\(folder(repository))/refs" }
    func locks(_ repository: String) -> String { "\(root)/.locks/\(ModelReference.folderName(repository))" }

    func blob(_ repository: String, _ digest: ContentDigest) -> String {
        "\(blobs(repository))/\(digest.hexadecimal)"
    }
    func lock(_ repository: String, _ digest: ContentDigest) -> String {
        "\(locks(repository))/\(digest.hexadecimal).lock"
    }

    /// The commit that a revision stands for here; nil if it was never fetched.
    func commit(_ repository: String, revision: String) -> String? {
        if SafePath.isCommit(revision), Files.status(snapshot(repository, revision))?.isFolder == true {
            return revision
        }
        guard let bytes = try? Files.read("\(refs(repository))/\(revision)", limit: 256) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        let commit = text.prefix { !$0.isWhitespace }
        // What stands in the file becomes a path.
        return SafePath.isCommit(String(commit)) ? String(commit) : nil
    }

    /// All revisions with their commits, by name.
    func revisions(_ repository: String) -> [(name: String, commit: String)] {
        Files.tree(refs(repository)).compactMap { name in
            commit(repository, revision: name).map { (name, $0) }
        }
    }

    /// Makes a file of a snapshot lead to its blob.
    func link(_ repository: String, _ commit: String, file: String, to digest: ContentDigest) throws(HubError)
    {
        let path = "\(snapshot(repository, commit))/\(file)"
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        try Files.makeFolder(parts.dropLast().joined(separator: "/"))
        let up = String(repeating: "../", count: 2 + file.utf8.count { $0 == UInt8(ascii: "/") })
        try Files.link(path, to: "\(up)blobs/\(digest.hexadecimal)")
    }

    /// Makes a revision stand for a commit: the last step of a pull, so that before it nothing is found under
    /// that name.
    func setRevision(_ repository: String, _ revision: String, to commit: String) throws(HubError) {
        guard revision != commit else { return }
        let path = "\(refs(repository))/\(revision)"
        try Files.makeFolder(
            path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/"))
        try Files.replace(path, with: commit, temporaryIn: folder(repository))
    }

    /// The repositories that have a folder here.
    var repositories: [String] {
        Files.names(in: root).compactMap { name in
            guard name.hasPrefix("models--") else { return nil }
            let rest = Array(name.utf8.dropFirst("models--".utf8.count))
            // A part of a name holds no two dashes in a row.
            let cut = rest.indices.first { rest[$0...].starts(with: "--".utf8) }
            let repository =
                String(decoding: rest[..<(cut ?? rest.count)], as: UTF8.self)
                + (cut.map { "/" + String(decoding: rest[($0 + 2)...], as: UTF8.self) } ?? "")
            return ModelReference.isRepository(repository) ? repository : nil
        }
    }
}
