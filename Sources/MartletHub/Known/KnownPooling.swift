internal import Martlet

/// Pooling in a row of the list; `none` where tokens are not pooled into one vector.
enum KnownPooling: Sendable {
    case mean, cls, last, none

    var pooling: Pooling? {
        switch self {
        case .mean: .mean
        case .cls: .cls
        case .last: .last
        case .none: nil
        }
    }
}
