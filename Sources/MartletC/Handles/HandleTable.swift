import Martlet
import MartletSystem

/// A model that the caller has opened.
final class OpenModel: Sendable {
    let model: LoadedModel
    let info: ModelInfo

    init(_ model: LoadedModel) {
        self.model = model
        info = model.info
    }
}

/// What handles stand for. A call holds what it uses, so that closing a handle on another thread ends nothing
/// under it; a number is never used again, so that a closed handle is an error.
final class HandleTable: Sendable {
    enum Entry {
        case model(OpenModel)
        case collection(OpenCollection)
    }

    static let shared = HandleTable()

    private struct State {
        var entries: [UInt64: Entry] = [:]
        var last: UInt64 = 0
    }
    private let state = Locked(State())

    func insert(_ entry: Entry) -> UInt64 {
        state.withLock { state in
            state.last += 1
            state.entries[state.last] = entry
            return state.last
        }
    }

    func entry(_ handle: UInt64) throws(CallError) -> Entry {
        guard let entry = state.withLock({ $0.entries[handle] }) else { throw .closed(handle) }
        return entry
    }

    func model(_ handle: UInt64) throws(CallError) -> OpenModel {
        guard case .model(let model) = try entry(handle) else {
            throw .argument("handle \(handle) is a collection; expected a model")
        }
        return model
    }

    func collection(_ handle: UInt64) throws(CallError) -> OpenCollection {
        guard case .collection(let collection) = try entry(handle) else {
            throw .argument("handle \(handle) is a model; expected a collection")
        }
        return collection
    }

    func remove(_ handle: UInt64) throws(CallError) {
        // The entry ends outside the lock: closing a model may take a while.
        guard let entry = state.withLock({ $0.entries.removeValue(forKey: handle) }) else {
            throw .closed(handle)
        }
        withExtendedLifetime(entry) {}
    }
}

extension CallError {
    fileprivate static func closed(_ handle: UInt64) -> CallError {
        CallError(.invalidArgument, "closed", "handle \(handle) is closed, or was never opened")
    }
}
