#if Server

internal import Martlet
internal import MartletSystem
import Synchronization

/// The models that the server knows, each in a slot: not loaded, being loaded, or loaded.
///
/// A model is loaded when it is first asked for, on a thread of its own. A file that is missing or broken is
/// an error of that model alone, and the next request tries again.
final class ModelStore: Sendable {
    enum SlotState {
        case unloaded
        case loading([CheckedContinuation<ServedModel, any Error>])
        case loaded(ServedModel)
    }

    struct Slot {
        var entry: ModelEntry
        /// Whether the server was started with it: requests neither replace nor delete it.
        var isConfigured = false
        var state = SlotState.unloaded
        /// When it was last used, and when it may be unloaded; nil: never.
        var lastUsed: UInt64 = 0
        var expires: UInt64?
        var failure: MartletError?
        var failedAt: UInt64 = 0
        /// The bytes that it took when it was last loaded, and when that was.
        var size: (bytes: Int, at: UInt64)?
        /// What the model gives; nil until it was loaded once.
        var product: ServedModel.Product?
        /// The same for clients; nil until then.
        var capabilities: [String]?
        /// The tasks that the model has an adapter for; nil until it was loaded once.
        var tasks: [String]?
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

        var areSet: Bool { models != nil || bytes != nil }
    }

    /// For how long a model that could not be loaded is left alone where another one may do, in nanoseconds.
    static let patience: UInt64 = 60_000_000_000

    /// Looks elsewhere for a model that has no slot yet.
    typealias Finder = @Sendable (String) -> ModelEntry?
    typealias Loader = @Sendable (ModelEntry) throws(MartletError) -> ServedModel

    let slots: Mutex<[Slot]>
    let limits: Limits
    let clock: Clock
    private let finder: Finder
    /// Whether a name that nobody knows means the first model.
    private let takesAnyName: Bool
    let loader: Loader
    /// Held while a model is loaded, where memory is bounded: two at the same time would pass the bound
    /// together.
    let turn = Mutex(())

    init(
        _ entries: [ModelEntry], limits: Limits, clock: Clock = .system, takesAnyName: Bool = false,
        finder: @escaping Finder = { _ in nil }, loader: @escaping Loader
    ) {
        self.takesAnyName = takesAnyName
        self.finder = finder
        slots = Mutex(entries.map { Slot(entry: $0, isConfigured: true) })
        self.limits = limits
        self.clock = clock
        self.loader = loader
    }

    /// Calls `body` with the model, loaded if need be, and keeps it from being unloaded until `body` returns.
    /// - Parameters:
    ///   - name: nil: the first model that gives `product`.
    ///   - task: The task whose adapter the model is to have, if it has one for each of several tasks.
    ///   - keepAlive: Seconds to stay loaded afterwards in place of the limit; negative: for good.
    func withModel<Result>(
        _ name: String?, for product: ServedModel.Product? = nil, task: String? = nil, keepAlive: Int? = nil,
        _ body: (ServedModel) async throws -> Result
    ) async throws -> Result {
        var index = try await index(of: name, for: product)
        if let task { index = try await self.index(of: index, task: task) }
        let model = try await acquire(index)
        defer { release(index, model, keepAlive) }
        return try await body(model)
    }

    /// The slot of the model that a request means: that of the name, or the first model that gives `product`.
    func index(of name: String?, for product: ServedModel.Product?) async throws -> Int {
        guard let name else { return try await index(for: product) }
        do throws(ServiceError) {
            return try await index(of: name)
        } catch {
            guard takesAnyName, error.kind == .modelNotFound else { throw error }
            return try await index(for: product)
        }
    }

    /// The slot of that name; of nil, the first one.
    func index(of name: String?) async throws(ServiceError) -> Int {
        let found: Int? = slots.withLock { slots in
            let known = slots.indices.filter { !slots[$0].isGone }
            guard let name else { return known.first }
            return known.first { slots[$0].entry.name == name }
                ?? known.first { slots[$0].entry.matches(name) }
        }
        if let found { return found }
        // It reads files: not on the loop that all connections share.
        if let name,
            let entry = await withTaskExecutorPreference(
                globalConcurrentExecutor, operation: { finder(name) })
        {
            return add(entry)
        }
        throw .modelNotFound(name ?? "", known: names)
    }

    /// The first model that gives `product`. What a model gives is known once it was loaded: those that never
    /// were are loaded in turn.
    private func index(for product: ServedModel.Product?) async throws -> Int {
        let first = try await index(of: nil)
        guard let product else { return first }
        for (index, slot) in snapshot.enumerated() where !slot.isGone {
            if slot.product == product { return index }
            guard slot.product == nil else { continue }
            do {
                if index != first, slot.failure != nil, clock.now() &- slot.failedAt < Self.patience {
                    continue
                }
                if try await probe(index) == product { return index }
            } catch let error as ServiceError {
                // The first model's own error is the request's. One that only has no room may be the one that
                // is meant.
                if index == first || error.retryAfter != nil { throw error }
            }
        }
        return first
    }

    var names: [String] { known.map(\.entry.name) }

    /// A copy of what is known now; the place of a model in it is its index.
    var snapshot: [Slot] { slots.withLock { $0 } }

    /// The models of the snapshot that were not taken out.
    var known: [Slot] { snapshot.filter { !$0.isGone } }

    var loadedModels: [ServedModel] { slots.withLock { $0.compactMap(\.model) } }

    /// Adds a model. Another name of a model that is there leads to the same slot; a name that stands for
    /// other files from now on, because they were pulled again, gets a slot of its own.
    @discardableResult
    func add(_ entry: ModelEntry) -> Int {
        slots.withLock { slots in
            let known = slots.indices.filter { !slots[$0].isGone }
            if let place = known.first(where: { slots[$0].entry.name == entry.name }) {
                if slots[place].isConfigured || slots[place].entry.path == entry.path { return place }
                Self.takeOut(place, &slots)
            } else if let path = entry.path,
                let place = known.first(where: { slots[$0].entry.path == path && !slots[$0].isConfigured })
            {
                slots[place].entry.aliases += [entry.name] + entry.aliases
                return place
            }
            slots.append(Slot(entry: entry))
            return slots.count - 1
        }
    }

    /// Takes models out; requests that hold one finish.
    func removeAll(where isRemoved: (Slot) -> Bool) {
        let known = snapshot
        let gone = known.indices.filter { isRemoved(known[$0]) }
        slots.withLock { slots in
            for place in gone { Self.takeOut(place, &slots) }
        }
    }

    private static func takeOut(_ place: Int, _ slots: inout [Slot]) {
        slots[place].isGone = true
        if slots[place].model != nil { slots[place].state = .unloaded }
    }
}

#endif
