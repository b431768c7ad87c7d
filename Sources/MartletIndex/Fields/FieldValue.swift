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
