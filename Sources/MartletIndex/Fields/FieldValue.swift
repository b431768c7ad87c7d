internal import MartletSystem

/// A value of a record's field.
public enum FieldValue: Sendable, Hashable {
    case string(String)
    case integer(Int)
    case float(Double)
    /// Milliseconds since 1970-01-01 00:00 UTC.
    case date(Int)
    case boolean(Bool)
    case strings([String])

    /// The type that a column of such values has.
    public var type: FieldType {
        switch self {
        case .string: .string
        case .integer: .integer
        case .float: .float
        case .date: .date
        case .boolean: .boolean
        case .strings: .strings
        }
    }
}

/// Texts are equal if their bytes are, as filters compare them: Swift's strings are equal in either form of an
/// accented letter.
extension FieldValue {
    public static func == (a: FieldValue, b: FieldValue) -> Bool {
        switch (a, b) {
        case (.string(let a), .string(let b)): ExactText(a) == ExactText(b)
        case (.strings(let a), .strings(let b)): a.map(ExactText.init) == b.map(ExactText.init)
        case (.integer(let a), .integer(let b)), (.date(let a), .date(let b)): a == b
        case (.float(let a), .float(let b)): a == b
        case (.boolean(let a), .boolean(let b)): a == b
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .string(let text): hasher.combine(text)
        case .strings(let texts): hasher.combine(texts)
        case .integer(let number), .date(let number): hasher.combine(number)
        case .float(let number): hasher.combine(number)
        case .boolean(let flag): hasher.combine(flag)
        }
    }
}

extension FieldValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .float(value) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    public init(arrayLiteral elements: String...) { self = .strings(elements) }
}
