import CMartlet
import Martlet
import MartletHub
import MartletMiniLM
import MartletSystem

@_cdecl("martlet_version")
public func martlet_version() -> UnsafePointer<CChar>? { versionText.map { UnsafePointer($0) } }

nonisolated(unsafe) private let versionText = CText.copy(MartletVersion.current)

@_cdecl("martlet_open")
public func martlet_open(
    _ source: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?,
    _ progress: UnsafePointer<martlet_progress>?,
    _ model: UnsafeMutablePointer<UInt64>?, _ error: ErrorPlace?
) -> Int32 {
    call(error) {
        guard let model else { throw CallError.argument("model is NULL") }
        model.pointee = 0
        let loaded = try OpenModel(
            LoadedModel.opened(try CText.read(source, "source"), try OpenOptions(options), Progress(progress))
        )
        model.pointee = HandleTable.shared.insert(.model(loaded))
    }
}

@_cdecl("martlet_close")
public func martlet_close(_ handle: UInt64, _ error: ErrorPlace?) -> Int32 {
    call(error) { try HandleTable.shared.remove(handle) }
}

extension LoadedModel {
    /// The model that a caller names.
    fileprivate static func opened(_ name: String?, _ options: OpenOptions, _ progress: Progress) throws
        -> LoadedModel
    {
        if let bm25 = options.bm25 {
            guard name == nil, options.bm42 == nil else {
                throw CallError.option("bm25 reads no model; give neither source nor bm42")
            }
            return .sparse(try SparseEmbedder(bm25, threads: options.configuration.threads))
        }
        let source = try name.map(source(named:)) ?? .miniLM
        if let bm42 = options.bm42 {
            return .sparse(try SparseEmbedder(bm42, of: source, configuration: options.configuration))
        }
        do {
            return try loadBlocking(source, as: options.kind, configuration: options.configuration) { step in
                progress.report(step.done, of: step.all)
            }
        } catch {
            throw progress.isCancelled ? CallError.cancelled : error
        }
    }

    /// A path, or a name in the cache of Hugging Face's tools.
    private static func source(named name: String) throws -> ModelSource {
        if access(name, F_OK) == 0 { return .path(name) }
        // What cannot be a name in the cache can only have been meant as a path.
        guard !name.hasPrefix("/"), !name.hasPrefix("."), let found = try? Hub().find(name) else {
            throw CallError(
                .notFound, "missing_file",
                "there is no model at \(name), and none of that name in \(Hub().cachePath); fetch it with martlet pull or huggingface_hub, or pass a folder or a GGUF file",
                file: name)
        }
        if let problem = found.problem {
            throw CallError(.notFound, "missing_file", "\(name): \(problem)", file: found.path)
        }
        return found.source
    }
}

extension LoadProgress {
    /// Steps done of this part of loading.
    fileprivate var done: Int {
        switch self {
        case .readingConfiguration: 0
        case .measuring(let done, _), .packing(let done, _): done
        case .loaded: 1
        }
    }

    /// Steps of this part of loading.
    fileprivate var all: Int {
        switch self {
        case .readingConfiguration, .loaded: 1
        case .measuring(_, let all), .packing(_, let all): all
        }
    }
}
