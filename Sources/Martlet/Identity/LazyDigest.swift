import Synchronization

/// A digest that is computed when somebody first asks for it, once: hashing a large file must not delay the
/// first vector.
final class LazyDigest: Sendable {
    private enum State {
        case known(String)
        case unknown(@Sendable () -> String)
    }

    private let state: Mutex<State>

    init(_ known: String) { state = Mutex(.known(known)) }

    init(computing compute: @escaping @Sendable () -> String) { state = Mutex(.unknown(compute)) }

    /// The digest. The first call may read whole files.
    var value: String {
        state.withLock { state in
            switch state {
            case .known(let value): return value
            case .unknown(let compute):
                let value = compute()
                state = .known(value)
                return value
            }
        }
    }
}
