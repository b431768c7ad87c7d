public import Martlet

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

    /// Names are compared without case, without Ollama's `:latest`, and with or without the organisation before the slash.
    func matches(_ asked: String) -> Bool {
        let asked = Self.plain(asked)
        let short = asked.split(separator: "/").last.map(String.init) ?? asked
        return ([name] + aliases).contains { known in
            let known = Self.plain(known)
            return known == asked || known == short
        }
    }

    private static func plain(_ name: String) -> String {
        let lower = name.lowercased()
        return lower.hasSuffix(":latest") ? String(lower.dropLast(7)) : lower
    }
}
