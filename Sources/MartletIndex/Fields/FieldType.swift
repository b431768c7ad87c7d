/// The type of a field, the same in all records of a collection.
public enum FieldType: String, Sendable, Hashable, CaseIterable {
    case string, integer, float, date, boolean, strings

    /// The number that stands for the type in files.
    var code: UInt8 {
        switch self {
        case .string: 1
        case .integer: 2
        case .float: 3
        case .date: 4
        case .boolean: 5
        case .strings: 6
        }
    }

    init?(code: UInt8) {
        guard let type = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = type
    }

    /// In messages.
    var withArticle: String {
        switch self {
        case .integer: "an integer"
        case .strings: "a list of strings"
        case .string, .float, .date, .boolean: "a \(rawValue)"
        }
    }

    var holdsText: Bool { self == .string || self == .strings }
}
