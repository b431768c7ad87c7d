import Martlet
import MartletHub
import MartletMiniLM
import MartletServer

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The model that is used where none is named.
enum DefaultModel {
    static let name = "all-MiniLM-L6-v2"
    private static let aliases = ["all-minilm", "minilm"]

    static var source: ModelSource { .miniLM }

    /// The model inside the program as a server knows it.
    static func entry(_ served: String) -> ModelEntry {
        ModelEntry(name: served, aliases: ([name] + aliases).filter { $0 != served }, source: source)
    }

    /// An entry whose path is the name of this model, and of no file, means the model inside the program.
    static func resolved(_ entry: ModelEntry) -> ModelEntry {
        guard let path = entry.path, access(path, F_OK) != 0 else { return entry }
        let isName = ([name] + aliases).contains { $0.lowercased() == path.lowercased() } || KnownModels.named(path)?.name == name
        // Named by its path alone, it has its own name.
        return isName ? Self.entry(entry.name == path ? name : entry.name) : entry
    }
}
