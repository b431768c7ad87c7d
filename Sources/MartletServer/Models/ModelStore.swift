internal import Martlet
internal import MartletCompute
import Synchronization

/// The models that the server knows, each in a slot: not loaded, being loaded, or loaded.
///
/// A model is loaded when it is first asked for, on a thread of its own. A file that is missing or broken is an error of that
/// model alone, and the next request tries again.
final class ModelStore: Sendable {
    enum SlotState {
        case unloaded
        case loading([CheckedContinuation<ServedModel, any Error>])
        case loaded(ServedModel)
    }

    struct Slot {
        let entry: ModelEntry
        var state = SlotState.unloaded
        /// When it was last used, and when it may be unloaded; nil: never.
        var lastUsed: UInt64 = 0
        var expires: UInt64?
        var failure: MartletError?
        /// What the model gives; nil until it was loaded once.
        var product: ServedModel.Product?
        /// Whether the model was taken out: places of others stay.
        var isGone = false

        var model: ServedModel? {
            guard case .loaded(let model) = state else { return nil }
            return model
        }
    }

    /// What bounds the models in memory together.
    struct Limits: Sendable {
        var models: Int?
        var bytes: Int?
        /// Seconds that a model stays after its last request; nil: for good.
        var keepAlive: Int?
    }

    /// Looks elsewhere for a model that has no slot yet.
    typealias Finder = @Sendable (String) -> ModelEntry?
    typealias Loader = @Sendable (ModelEntry) throws(MartletError) -> ServedModel

    private let slots: Mutex<[Slot]>
    let limits: Limits
    private let clock: Clock
    private let finder: Finder
    private let loader: Loader

    init(
        _ entries: [ModelEntry], limits: Limits, clock: Clock = .system, finder: @escaping Finder = { _ in nil }, loader: @escaping Loader
    ) {
        self.finder = finder
        slots = Mutex(entries.map { Slot(entry: $0) })
        self.limits = limits
        self.clock = clock
        self.loader = loader
    }

    /// Calls `body` with the model, loaded if need be, and keeps it from being unloaded until `body` returns.
    /// - Parameters:
    ///   - name: nil: the first model that gives `product`.
    ///   - keepAlive: Seconds to stay loaded afterwards in place of the limit; negative: for good.
    func withModel<Result>(
        _ name: String?, for product: ServedModel.Product? = nil, keepAlive: Int? = nil, _ body: (ServedModel) async throws -> Result
    ) async throws -> Result {
        let index = if let name { try index(of: name) } else { try await index(for: product) }
        let model = try await acquire(index)
        defer { release(index, model, keepAlive) }
        return try await body(model)
    }

    /// The slot of that name.
    func index(of name: String?) throws(ServiceError) -> Int {
        let found: Int? = slots.withLock { slots in
            let known = slots.indices.filter { !slots[$0].isGone }
            guard let name else { return known.first }
            return known.first { slots[$0].entry.name == name } ?? known.first { slots[$0].entry.matches(name) }
        }
        if let found { return found }
        if let name, let entry = finder(name) { return add(entry) }
        throw .modelNotFound(name ?? "", known: names)
    }

    /// The first model that gives `product`. What a model gives is known once it was loaded: those that never were are loaded in turn.
    private func index(for product: ServedModel.Product?) async throws -> Int {
        let first = try index(of: nil)
        guard let product else { return first }
        for (index, slot) in snapshot.enumerated() where !slot.isGone {
            if slot.product == product { return index }
            guard slot.product == nil else { continue }
            // The first model's own error is the request's.
            let found = index == first ? try await probe(index) : try? await probe(index)
            if found == product { return index }
        }
        return first
    }

    var names: [String] { known.map(\.entry.name) }

    /// A copy of what is known now; the place of a model in it is its index.
    var snapshot: [Slot] { slots.withLock { $0 } }

    /// The models of the snapshot that were not taken out.
    var known: [Slot] { snapshot.filter { !$0.isGone } }

    var loadedModels: [ServedModel] { slots.withLock { $0.compactMap(\.model) } }

    /// Adds a model, unless there is one of its name.
    @discardableResult
    func add(_ entry: ModelEntry) -> Int {
        slots.withLock { slots in
            if let place = slots.indices.first(where: { !slots[$0].isGone && slots[$0].entry.name == entry.name }) { return place }
            slots.append(Slot(entry: entry))
            return slots.count - 1
        }
    }

    /// Takes a model out; requests that hold it finish.
    func remove(_ name: String) throws(ServiceError) {
        let index = try index(of: name)
        slots.withLock { slots in
            slots[index].isGone = true
            if slots[index].model != nil { slots[index].state = .unloaded }
        }
    }

    // MARK: Loading

    private func probe(_ index: Int) async throws -> ServedModel.Product {
        let model = try await acquire(index)
        defer { release(index, model, nil) }
        return model.product
    }

    private enum Step {
        case ready(ServedModel)
        case wait
        case load(ModelEntry)
    }

    private func acquire(_ index: Int) async throws -> ServedModel {
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
                let loader = loader
                do throws(ThreadError) {
                    try POSIXThread { [self] in
                        do throws(MartletError) {
                            loaded(index, try loader(entry))
                        } catch {
                            failed(index, error)
                        }
                    }.detach()
                } catch {
                    failed(index, MartletError(.io, "the system refuses a thread to load \(entry.name) (error \(error.code))"))
                }
            }
        }
    }

    private func loaded(_ index: Int, _ model: ServedModel) {
        let now = clock.now()
        var full: ServiceError?
        let waiting: [CheckedContinuation<ServedModel, any Error>] = slots.withLock { slots in
            guard case .loading(let waiting) = slots[index].state else { return [] }
            do throws(ServiceError) {
                try makeRoom(for: model, at: index, &slots)
                slots[index].state = .loaded(model)
                slots[index].failure = nil
                slots[index].product = model.product
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
        let waiting: [CheckedContinuation<ServedModel, any Error>] = slots.withLock { slots in
            guard case .loading(let waiting) = slots[index].state else { return [] }
            slots[index].state = .unloaded
            slots[index].failure = error
            return waiting
        }
        let shown = ServiceError.loadFailed(slots.withLock { $0[index].entry.name }, error)
        for continuation in waiting { continuation.resume(throwing: shown) }
    }

    // MARK: Unloading

    /// Unloads the models that nobody has used for longest until there is room for one more.
    private func makeRoom(for model: ServedModel, at index: Int, _ slots: inout [Slot]) throws(ServiceError) {
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

    private func release(_ index: Int, _ model: ServedModel, _ keepAlive: Int?) {
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
