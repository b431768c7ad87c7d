import Martlet
internal import MartletCompute
import MartletHub
import MartletMiniLM
import MartletServer
import Synchronization

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

    /// The embedder that the options ask for, which may be loaded or being loaded.
    static func embedder(_ configuration: EmbedderConfiguration) throws -> Embedder {
        let early = configuration == EmbedderConfiguration() ? ahead.withLock { $0 } : nil
        return try early?.value() ?? Embedder(source, configuration)
    }

    /// Begins to load the model on a thread if the arguments look as though none of them changes it. Parsing them takes a third of a
    /// short command's time.
    static func loadAhead(_ arguments: ArraySlice<String>) {
        // How the options begin that choose a model, how it computes or a task, or that only tell something.
        let others = ["-m", "-h", "--m", "--p", "--i", "--t", "--k", "--h", "--c"]
        guard let command = arguments.first, ["embed", "compare"].contains(command), WorkerPool.usableCores() > 1,
            !arguments.contains(where: { argument in others.contains { argument.hasPrefix($0) } })
        else { return }
        Signals.leftToOthers {
            let embedder = Concurrent(onThread: true) { () throws(MartletError) in try Embedder(source, EmbedderConfiguration()) }
            ahead.withLock { $0 = embedder }
        }
    }

    private static let ahead = Mutex<Concurrent<Embedder, MartletError>?>(nil)

    /// The model inside the program as a server knows it.
    static func entry(_ served: String) -> ModelEntry {
        ModelEntry(name: served, aliases: ([name] + aliases).filter { $0 != served }, source: source)
    }

    /// An entry whose path is the name of this model, and of no file, means the one that was pulled under that name, as everywhere; where
    /// the cache does not hold it whole, the one inside the program.
    static func resolved(_ entry: ModelEntry, hub: Hub = Hub()) -> ModelEntry {
        guard let path = entry.path, access(path, F_OK) != 0 else { return entry }
        let isName = ([name] + aliases).contains { $0.lowercased() == path.lowercased() } || KnownModels.named(path)?.name == name
        // Named by its path alone, it has its own name.
        guard isName else { return entry }
        var resolved = Self.entry(entry.name == path ? name : entry.name)
        if let pulled = try? hub.require(name) {
            resolved.source = pulled.source
            // What a server finds in the cache when it loads the model.
            resolved.path = name
        }
        return resolved
    }
}
