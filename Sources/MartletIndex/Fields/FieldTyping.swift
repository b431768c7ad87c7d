/// The narrowest type that holds all values of a field which are written as text: integers, numbers,
/// booleans, dates, texts, or lists of texts.
public struct FieldTyping: Sendable {
    private var areIntegers = true
    private var areNumbers = true
    private var areFlags = true
    private var areDates = true
    private var isText = false
    private var isList = false

    /// Nothing is known yet.
    public init() {}

    /// Takes a value into account; an empty one says nothing.
    /// - Parameter isQuoted: Whether it is text whatever it looks like.
    public mutating func take(_ value: String, isQuoted: Bool = false) {
        if value.isEmpty { return }
        if isQuoted { isText = true }
        areIntegers = areIntegers && Int(value) != nil
        areNumbers = areNumbers && Double(value)?.isFinite == true
        areFlags = areFlags && (value == "true" || value == "false")
        areDates = areDates && Timestamp.milliseconds(value) != nil
    }

    /// Some value is a list.
    public mutating func takeList() { isList = true }

    /// The type.
    public var type: FieldType {
        if isList { return .strings }
        if isText { return .string }
        return areIntegers
            ? .integer : areNumbers ? .float : areFlags ? .boolean : areDates ? .date : .string
    }
}

extension FieldType {
    /// A text as a value of this type; nil if it is empty or is no such value.
    public func value(_ text: String) -> FieldValue? {
        if text.isEmpty { return nil }
        return switch self {
        case .string: .string(text)
        case .strings: .strings([text])
        case .integer: Int(text).map(FieldValue.integer)
        case .float: Double(text).flatMap { $0.isFinite ? .float($0) : nil }
        case .date: Timestamp.milliseconds(text).map(FieldValue.date)
        case .boolean: text == "true" ? .boolean(true) : text == "false" ? .boolean(false) : nil
        }
    }
}
