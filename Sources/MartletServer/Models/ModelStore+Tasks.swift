#if Server

internal import Martlet
internal import MartletJSON
import Synchronization

extension ModelStore {
    /// The slot of a model with the adapter of a task: that of the model itself if it has no tasks. It is
    /// made when it is first asked for.
    func index(of index: Int, task: String) async throws -> Int {
        var known = slots.withLock { $0[index].tasks }
        if known == nil {
            let model = try await acquire(index)
            known = model.info.tasks
            release(index, model, nil)
        }
        guard let tasks = known, !tasks.isEmpty else { return index }
        guard tasks.contains(task) else {
            throw ServiceError.invalid(
                "task", "task is \(task.quotedForMessage), and the model has \(tasks.joined(separator: ", "))"
            )
        }
        return slots.withLock { slots in
            var entry = slots[index].entry
            if entry.task == task { return index }
            entry.name = "\(entry.name)#\(task)"
            entry.aliases = []
            entry.task = task
            if let place = slots.indices.first(where: {
                !slots[$0].isGone && slots[$0].entry.name == entry.name
            }) {
                return place
            }
            var slot = Slot(entry: entry)
            slot.isConfigured = slots[index].isConfigured
            slots.append(slot)
            return slots.count - 1
        }
    }
}

#endif
