#if Command

import Martlet
internal import MartletCompute
import MartletMiniLM
internal import MartletSystem
import Synchronization

/// The model that is used where none is named.
enum DefaultModel {
    static let name = "all-MiniLM-L6-v2"
    static let aliases = ["all-minilm", "minilm"]

    static var source: ModelSource { .miniLM }

    /// The embedder that the options ask for, which may be loaded or being loaded.
    static func embedder(_ configuration: ModelConfiguration) throws -> Embedder {
        let early = configuration == ModelConfiguration() ? ahead.withLock { $0 } : nil
        return try early?.value() ?? Embedder(source, configuration: configuration)
    }

    /// Begins to load the model on a thread if the arguments look as though none of them changes it. Parsing
    /// them takes a third of a short command's time.
    static func loadAhead(_ arguments: ArraySlice<String>) {
        // How the options begin that choose a model, how it computes or a task, or that only tell something.
        let others = ["-m", "-h", "--m", "--p", "--i", "--t", "--k", "--h", "--c"]
        guard let command = arguments.first, ["embed", "compare"].contains(command),
            WorkerPool.usableCores() > 1,
            !arguments.contains(where: { argument in others.contains { argument.hasPrefix($0) } })
        else { return }
        Signals.leftToOthers {
            let embedder = Concurrent(onThread: true) { () throws(MartletError) in
                try Embedder(source, configuration: ModelConfiguration())
            }
            ahead.withLock { $0 = embedder }
        }
    }

    private static let ahead = Mutex<Concurrent<Embedder, MartletError>?>(nil)
}

#endif
