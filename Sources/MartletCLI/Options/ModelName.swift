#if Command

import Martlet
import MartletHub
internal import MartletSystem

/// What a user means by `--model`: a path, or a model of the cache by name. Nothing is ever fetched here.
enum ModelName {
    static let help =
        "Model folder, GGUF file, or name of a model that was pulled. Default: the built-in all-MiniLM-L6-v2."

    /// A path that exists wins; what looks like a path is one.
    static func source(_ name: String?) throws -> ModelSource {
        guard let name else { return DefaultModel.source }
        if isPath(name) { return .path(name) }
        let hub = Hub()
        do throws(HubError) {
            return try hub.require(name).source
        } catch {
            // The very model is in the program, so it need not be pulled.
            if error.code == .notFound, KnownModels.named(name)?.name == DefaultModel.name {
                return DefaultModel.source
            }
            guard error.code == .invalidName else { throw error }
            throw CommandError("\(error.message); and there is no file \(name)", status: .failed)
        }
    }

    private static func isPath(_ name: String) -> Bool {
        if access(name, F_OK) == 0 { return true }
        if let first = name.utf8.first, "./~".utf8.contains(first) { return true }
        let hasTag = name.contains(":") || name.contains("@")
        return name.isEmpty || name.utf8.count { $0 == UInt8(ascii: "/") } > 1 && !hasTag
            || name.hasSuffix(".gguf") && !hasTag
    }
}

#endif
