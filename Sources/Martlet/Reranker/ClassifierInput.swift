/// What a classifier reads: one text, or two together.
public enum ClassifierInput: Sendable, Hashable {
    case text(String)
    case pair(String, String)
}

extension ClassifierInput: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self = .text(value) }
}
