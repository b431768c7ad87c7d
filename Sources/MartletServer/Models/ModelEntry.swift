#if Server

public import Martlet
internal import MartletHub
internal import MartletSystem

/// A model that a server may load, under a name.
public struct ModelEntry: Sendable {
    /// What requests call it.
    public var name: String
    /// Other names that requests may use.
    public var aliases: [String]
    /// Where it is.
    public var source: ModelSource
    /// The path of its folder or file; nil for a model inside the binary.
    public var path: String?
    /// The task whose adapter is added to the weights, for models that have one for each of several tasks;
    /// nil: none. Requests that name another task get a copy of the model with that one.
    public var task: String?
    /// A model of your own, which is used in place of ``source``.
    public var own: (any EmbeddingModel<Embeddings>)?

    /// A model by name.
    public init(name: String, aliases: [String] = [], source: ModelSource, path: String? = nil) {
        self.name = name
        self.aliases = aliases
        self.source = source
        self.path = path
    }

    /// A model folder or GGUF file.
    /// - Parameters:
    ///   - path: Where it is.
    ///   - name: What requests call it; by default the last component of the path, without `.gguf`.
    public init(path: String, name: String? = nil) {
        let last = path.split(separator: "/").last.map(String.init) ?? path
        let stem = last.hasSuffix(".gguf") ? String(last.dropLast(5)) : last
        self.init(name: name ?? stem, source: .path(path), path: path)
    }

    /// A model of your own. It is asked for the vectors of a request's texts, and its calls are not joined
    /// with those of other requests.
    public init(name: String, aliases: [String] = [], model: any EmbeddingModel<Embeddings>) {
        self.init(name: name, aliases: aliases, source: .path(name))
        own = model
    }

    /// BM25 counts words and has no files: its name stands in place of a path.
    static let bm25 = "bm25"
    var isBM25: Bool { path == Self.bm25 && access(Self.bm25, F_OK) != 0 }

    /// Names are compared without case and without Ollama's `:latest`. Every name of a known model means the
    /// entry that has one of them; `org/repo` means the entry that has the name of that known model: any
    /// organisation may call a model of its own by the same name.
    func matches(_ asked: String) -> Bool {
        let asked = Self.plain(asked)
        let known = ([name] + aliases).map(Self.plain)
        if known.contains(asked) { return true }
        guard let model = KnownModels.named(asked),
            !asked.contains("/") || model.repository.lowercased() == asked
        else { return false }
        let short = model.repository.split(separator: "/").last.map { $0.lowercased() } ?? asked
        return ([short, model.name] + model.aliases).contains { known.contains(Self.plain($0)) }
    }

    private static func plain(_ name: String) -> String {
        let lower = name.lowercased()
        return lower.hasSuffix(":latest") ? String(lower.dropLast(7)) : lower
    }
}

extension ModelEntry {
    /// A model of the cache under the name that somebody gave it. A name of a revision, or of one file,
    /// stands for nothing else.
    init(name: String, _ model: CachedModel) {
        let isPlain = name == model.repository || KnownModels.named(name) != nil
        let aliases = [model.repository] + (model.known.map { [$0.name] } ?? [])
        self.init(
            name: name, aliases: isPlain ? aliases.filter { $0 != name } : [], source: model.source,
            path: model.path)
    }
}

#endif
