#if Command && Server

import Martlet
import MartletHub
import MartletServer
internal import MartletSystem

extension DefaultModel {
    /// The model inside the program as a server knows it.
    static func entry(_ served: String) -> ModelEntry {
        ModelEntry(name: served, aliases: ([name] + aliases).filter { $0 != served }, source: source)
    }

    /// An entry whose path is the name of this model, and of no file, means the one that was pulled under
    /// that name, as everywhere; where the cache does not hold it whole, the one inside the program.
    static func resolved(_ entry: ModelEntry, hub: Hub = Hub()) -> ModelEntry {
        guard let path = entry.path, access(path, F_OK) != 0 else { return entry }
        let isName =
            ([name] + aliases).contains { $0.lowercased() == path.lowercased() }
            || KnownModels.named(path)?.name == name
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

#endif
