internal import Martlet
import Synchronization

extension ModelStore {
    /// Unloads the models that nobody has used for longest until there is room for one more.
    func makeRoom(for model: ServedModel, at index: Int, _ slots: inout [Slot]) throws(ServiceError) {
        if let limit = limits.bytes, model.bytes > limit {
            throw ServiceError(
                .unavailable,
                "model \(model.name) takes \(model.bytes >> 20) MiB and the server's limit is \(limit >> 20) MiB (max-memory)")
        }
        while true {
            let others = slots.indices.filter { $0 != index && slots[$0].model != nil }
            let bytes = others.reduce(model.bytes) { $0 + (slots[$1].model?.bytes ?? 0) }
            if others.count < limits.models ?? .max, bytes <= limits.bytes ?? .max { return }
            let idle = others.filter { (slots[$0].model?.users.load(ordering: .relaxed) ?? 0) == 0 }
            guard let oldest = idle.min(by: { slots[$0].lastUsed < slots[$1].lastUsed }) else {
                throw ServiceError(.overloaded(retryAfter: 1), "there is no room for model \(model.name): the loaded ones are in use")
            }
            slots[oldest].state = .unloaded
        }
    }

    func release(_ index: Int, _ model: ServedModel, _ keepAlive: Int?) {
        let now = clock.now()
        model.users.wrappingSubtract(1, ordering: .relaxed)
        slots.withLock { slots in
            guard slots[index].model === model else { return }
            slots[index].lastUsed = now
            switch keepAlive ?? limits.keepAlive {
            case nil: slots[index].expires = nil
            case .some(let seconds) where seconds < 0: slots[index].expires = nil
            case .some(let seconds): slots[index].expires = now &+ UInt64(min(seconds, 1 << 32)) * 1_000_000_000
            }
            if slots[index].expires == now, model.users.load(ordering: .relaxed) == 0 { slots[index].state = .unloaded }
        }
    }

    /// Unloads what has not been used for as long as it was to be kept.
    func unloadExpired() {
        let now = clock.now()
        slots.withLock { slots in
            for index in slots.indices {
                guard let expires = slots[index].expires, expires <= now, let model = slots[index].model,
                    model.users.load(ordering: .relaxed) == 0
                else { continue }
                slots[index].state = .unloaded
            }
        }
    }

    /// Unloads a model; requests that hold it finish.
    func unload(_ name: String) throws(ServiceError) {
        let index = try index(of: name)
        slots.withLock { slots in
            if slots[index].model != nil { slots[index].state = .unloaded }
        }
    }

    /// Loads a model if it is not loaded.
    func load(_ name: String?) async throws {
        try await withModel(name) { _ in }
    }
}
