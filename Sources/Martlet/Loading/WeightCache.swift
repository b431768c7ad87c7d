internal import MartletJSON
internal import MartletModels
internal import MartletSystem

/// Where a model's packed weights are kept, so that the next start maps them instead of packing them again.
///
/// Before a model computes, its matrices are brought into the form that this CPU's instructions read, and for
/// int8 scales are measured. Both are kept in a file for each model, instruction set and precision; processes
/// that map the same file share its memory. A file is checked against the model's files, by shapes and by
/// checksums, each time; one that does not fit is replaced. The embedded model is never kept: it loads faster
/// than a file of it is checked. What cannot be written, for lack of space or permission, is not kept.
public enum WeightCache: Sendable, Hashable {
    /// In `martlet/packed` below `XDG_CACHE_HOME`, else below the user's cache folder (`~/.cache`, on macOS
    /// `~/Library/Caches`), at most 16 GiB; nowhere, if the environment names no such folder.
    /// `MARTLET_WEIGHT_CACHE` names another folder, or is "off".
    case automatic
    /// In a folder, made if it is missing, with at most so many bytes: those that were used last stay.
    case folder(String, maxBytes: Int)
    /// Nowhere.
    case off

    private static let standardLimit = 16 << 30

    var packed: PackedCache? {
        get throws(MartletError) {
            switch self {
            case .automatic:
                switch CacheFolder.variable("MARTLET_WEIGHT_CACHE") {
                case "off": return nil
                case let path?: return try WeightCache.folder(path, maxBytes: Self.standardLimit).packed
                case nil:
                    return CacheFolder.path(named: "packed").map {
                        PackedCache(CacheFolder(path: $0, limit: Self.standardLimit))
                    }
                }
            case .folder(let path, let maxBytes):
                guard path.hasPrefix("/") else {
                    throw MartletError(
                        .invalidOption,
                        "the folder for packed weights, \(path.quotedForMessage), must be an absolute path")
                }
                guard maxBytes > 0 else {
                    throw MartletError(
                        .invalidOption, "\(maxBytes) bytes for packed weights: expected at least 1")
                }
                return PackedCache(CacheFolder(path: path, limit: maxBytes))
            case .off: return nil
            }
        }
    }
}
