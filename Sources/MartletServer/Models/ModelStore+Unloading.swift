#if Server

internal import Martlet
internal import MartletSystem
import Synchronization

extension ModelStore {
    /// Before a model is loaded, so that it and the one that it replaces are not in memory together.
    func makeRoom(before index: Int) throws(ServiceError) {
        guard limits.areSet else { return }
        let now = clock.now()
        try slots.withLock { (slots) throws(ServiceError) in
            // Others must not go for one that is not going to come.
            guard slots[index].failure == nil else { return }
            var bytes = 0
            if let size = slots[index].size {
                // One that was too large is looked at again from time to time: its files may be others.
                let isOld = now &- size.at >= Self.patience
                bytes = size.bytes > limits.bytes ?? .max && isOld ? 0 : size.bytes
            }
            try makeRoom(for: bytes, at: index, &slots)
        }
    }

    /// Unloads the models that nobody has used for longest until there is room for one more.
    func makeRoom(for size: Int, at index: Int, _ slots: inout [Slot]) throws(ServiceError) {
        let name = slots[index].entry.name
        if let limit = limits.bytes, size > limit {
            throw ServiceError(
                .unavailable,
                "model \(name) takes \(size >> 20) MiB and the server's limit is \(limit >> 20) MiB (max-memory)"
            )
        }
        while true {
            let others = slots.indices.filter { $0 != index && slots[$0].model != nil }
            let bytes = others.reduce(size) { $0 + (slots[$1].model?.bytes ?? 0) }
            if others.count < limits.models ?? .max, bytes <= limits.bytes ?? .max { return }
            let idle = others.filter { (slots[$0].model?.users.load(ordering: .relaxed) ?? 0) == 0 }
            guard let oldest = idle.min(by: { slots[$0].lastUsed < slots[$1].lastUsed }) else {
                throw ServiceError(
                    .overloaded(retryAfter: 1),
                    "there is no room for model \(name): the loaded ones are in use")
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
            case .some(let seconds):
                slots[index].expires = now &+ UInt64(min(seconds, 1 << 32)) * 1_000_000_000
            }
            if slots[index].expires == now, model.users.load(ordering: .relaxed) == 0 {
                slots[index].state = .unloaded
            }
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
    func unload(_ name: String) async throws(ServiceError) {
        let index = try await index(of: name)
        slots.withLock { slots in
            if slots[index].model != nil { slots[index].state = .unloaded }
        }
    }

    /// Loads a model if it is not loaded.
    func load(_ name: String?) async throws {
        try await withModel(name) { _ in }
    }
}

#endif
