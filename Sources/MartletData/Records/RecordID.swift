internal import MartletSystem

/// What identifies a record in the user's data.
///
/// Two ids are one if their bytes are: "é" as one character and "e" with an accent after it are two, as they
/// are in a file or a database.
public enum RecordID: Sendable, Hashable, Codable {
    /// The input has no id; the record's index stands for it.
    case none
    /// A string.
    case text(String)
    /// A number, boolean or null in the input's own spelling, so that 12345678901234567890 and 1.0 are
    /// written as they were read.
    case literal(String)

    /// The id that a record has where it says `null`.
    package static let null = RecordID.literal("null")

    /// Swift's strings are equal where they look alike, so their bytes are compared.
    public static func == (a: RecordID, b: RecordID) -> Bool {
        switch (a, b) {
        case (.none, .none): true
        case (.text(let a), .text(let b)), (.literal(let a), .literal(let b)): ExactText(a) == ExactText(b)
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .none: hasher.combine(UInt8(0))
        case .text(let text): hasher.combine(ExactText(text))
        case .literal(let text):
            hasher.combine(UInt8(1))
            hasher.combine(ExactText(text))
        }
    }
}
