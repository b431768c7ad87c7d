internal import Martlet
internal import MartletJSON
internal import MartletSystem

/// What a user means by a model's name: a repository, a revision of it and, among several GGUF files, a
/// choice.
struct ModelReference: Sendable, Hashable {
    /// `org/repo`, or `repo` alone for the few that have no organisation.
    let repository: String
    /// A branch, a tag or a commit.
    let revision: String
    /// Whether the revision was named.
    let namesRevision: Bool
    /// A file name or a quantisation such as `Q8_0` that a GGUF file's name ends in; nil: the preferred one.
    let variant: String?

    static let mainBranch = "main"

    /// What may stand before a name, as the hub's pages, Python and Ollama write it.
    private static let prefixes = [
        "https://huggingface.co/", "https://hf.co/", "huggingface.co/", "hf.co/", "hf://",
    ]

    init(repository: String, revision: String? = nil, variant: String? = nil) throws(HubError) {
        guard Self.isRepository(repository) else {
            throw HubError(
                .invalidName,
                "\(repository.quotedForMessage) is no model: expected a name of martlet list --known, org/repo or org/repo@revision"
            )
        }
        let chosen = revision ?? Self.mainBranch
        guard Self.isRevision(chosen) else {
            throw HubError(
                .invalidName,
                "\(repository): \(chosen.quotedForMessage) is no revision; expected a branch, a tag or a commit",
                repository: repository)
        }
        if let variant, variant.isEmpty || !SafePath.isComponent(variant) {
            throw HubError(
                .invalidName,
                "\(repository): \(variant.quotedForMessage) is no file or quantisation; expected one such as Q8_0",
                repository: repository)
        }
        self.repository = repository
        self.revision = chosen
        namesRevision = revision != nil
        self.variant = variant
    }

    /// Reads `NAME`, `org/repo`, `org/repo@revision` or `org/repo:variant`, also `org/repo@revision:variant`.
    /// A name is that of a known model; one known with a tag, as `all-minilm:l6`, wins over a variant.
    init(_ text: String) throws(HubError) {
        guard text.utf8.count <= 600 else {
            throw HubError(.invalidName, "a name of \(text.utf8.count) bytes: expected at most 600")
        }
        var rest = text[...]
        let prefix = Self.prefixes.first { rest.hasPrefix($0) }
        rest = rest.dropFirst(prefix?.count ?? 0)
        var revision: String?
        var variant: String?
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[rest.index(after: at)...].split(
                separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            revision = String(parts[0])
            variant = parts.count > 1 ? String(parts[1]) : nil
            rest = rest[..<at]
        }
        if let known = KnownModels.named(String(rest)) {
            try self.init(repository: known.repository, revision: revision, variant: variant)
            return
        }
        if variant == nil, let colon = rest.lastIndex(of: ":") {
            variant = String(rest[rest.index(after: colon)...])
            rest = rest[..<colon]
        }
        guard rest.holds("/") else {
            let near = KnownModels.similar(to: String(rest))
            let hint = near.isEmpty ? "" : "; did you mean \(near.joined(separator: ", "))?"
            throw HubError(
                .invalidName,
                "\(text.quotedForMessage) is not a known model\(hint); expected a name of martlet list --known, or org/repo"
            )
        }
        try self.init(repository: String(rest), revision: revision, variant: variant)
    }

    /// As the user would write it.
    var name: String { repository + (namesRevision ? "@\(revision)" : "") + (variant.map { ":\($0)" } ?? "") }

    /// The name of the cache's folder for the repository.
    var folderName: String { Self.folderName(repository) }

    static func folderName(_ repository: String) -> String {
        "models--" + repository.split(separator: "/").joined(separator: "--")
    }

    /// The rules of the hub's names, which also keep a name from being a path: one or two parts of letters,
    /// digits and `-_.`.
    static func isRepository(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), name.utf8.count <= 96 else { return false }
        return parts.allSatisfy { part in
            let isPlain = part.utf8.allSatisfy { SafePath.isWordByte($0) || ".-".utf8.contains($0) }
            return !part.isEmpty && isPlain && !part.holds("--") && !part.holds("..")
                && !".-".contains(part.first ?? ".")
                && !".-".contains(part.last ?? ".")
        }
    }

    static func isRevision(_ name: String) -> Bool {
        name.utf8.count <= 200
            && name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
                part.utf8.allSatisfy { SafePath.isWordByte($0) || ".-+".utf8.contains($0) }
                    && SafePath.isComponent(String(part))
                    && part.first != "-" && part.first != "."
            }
    }
}
