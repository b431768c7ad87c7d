#if Server

internal import Martlet
internal import MartletCompute
internal import MartletSystem
import Synchronization

extension ModelStore {
    func probe(_ index: Int) async throws -> ServedModel.Product {
        let model = try await acquire(index)
        defer { release(index, model, nil) }
        return model.product
    }

    private enum Step {
        case ready(ServedModel)
        case wait
        case load(ModelEntry)
    }

    func acquire(_ index: Int) async throws -> ServedModel {
        // The usual case without a continuation.
        let ready: ServedModel? = slots.withLock { slots in
            guard let model = slots[index].model else { return nil }
            model.users.wrappingAdd(1, ordering: .relaxed)
            return model
        }
        if let ready { return ready }
        return try await withCheckedThrowingContinuation { continuation in
            let step: Step = slots.withLock { slots in
                switch slots[index].state {
                case .loaded(let model):
                    model.users.wrappingAdd(1, ordering: .relaxed)
                    return .ready(model)
                case .loading(let waiting):
                    slots[index].state = .loading(waiting + [continuation])
                    return .wait
                case .unloaded:
                    slots[index].state = .loading([continuation])
                    return .load(slots[index].entry)
                }
            }
            switch step {
            case .wait: break
            case .ready(let model): continuation.resume(returning: model)
            case .load(let entry):
                do throws(ThreadError) {
                    try POSIXThread { [self] in
                        if limits.areSet {
                            turn.withLock { _ in load(entry, at: index) }
                        } else {
                            load(entry, at: index)
                        }
                    }.detach()
                } catch {
                    failed(
                        index,
                        MartletError(
                            .io, "the system refuses a thread to load \(entry.name) (error \(error.code))"))
                }
            }
        }
    }

    private func load(_ entry: ModelEntry, at index: Int) {
        do throws(ServiceError) { try makeRoom(before: index) } catch { return refused(index, error) }
        do throws(MartletError) { loaded(index, try loader(entry)) } catch { failed(index, error) }
    }

    private func loaded(_ index: Int, _ model: ServedModel) {
        let now = clock.now()
        var full: ServiceError?
        let waiting: [CheckedContinuation<ServedModel, any Error>] = slots.withLock { slots in
            guard case .loading(let waiting) = slots[index].state else { return [] }
            // Who waits for a model that was removed meanwhile gets it, and it goes with them.
            if slots[index].isGone {
                slots[index].state = .unloaded
                model.users.wrappingAdd(waiting.count, ordering: .relaxed)
                return waiting
            }
            slots[index].size = (model.bytes, now)
            do throws(ServiceError) {
                try makeRoom(for: model.bytes, at: index, &slots)
                slots[index].state = .loaded(model)
                slots[index].failure = nil
                slots[index].product = model.product
                slots[index].tasks = model.info.tasks
                slots[index].capabilities = model.capabilities
                slots[index].lastUsed = now
                slots[index].expires = limits.keepAlive.map { now + UInt64($0) * 1_000_000_000 }
                model.users.wrappingAdd(waiting.count, ordering: .relaxed)
            } catch {
                full = error
                slots[index].state = .unloaded
            }
            return waiting
        }
        for continuation in waiting {
            if let full { continuation.resume(throwing: full) } else { continuation.resume(returning: model) }
        }
    }

    private func failed(_ index: Int, _ error: MartletError) {
        let now = clock.now()
        let name = slots.withLock { slots in
            slots[index].failure = error
            slots[index].failedAt = now
            return slots[index].entry.name
        }
        refused(index, .loadFailed(name, error))
    }

    private func refused(_ index: Int, _ error: ServiceError) {
        let waiting: [CheckedContinuation<ServedModel, any Error>] = slots.withLock { slots in
            guard case .loading(let waiting) = slots[index].state else { return [] }
            slots[index].state = .unloaded
            return waiting
        }
        for continuation in waiting { continuation.resume(throwing: error) }
    }
}

#endif
