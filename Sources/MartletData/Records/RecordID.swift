/// What identifies a record in the user's data.
public enum RecordID: Sendable, Hashable, Codable {
    /// The input has no id; the record's index stands for it.
    case none
    /// A string.
    case text(String)
    /// A number, boolean or null in the input's own spelling, so that 12345678901234567890 and 1.0 are
    /// written as they were read.
    case literal(String)
}
