/// What happens to a record that cannot be read or embedded.
public enum BadRecordPolicy: String, Sendable, CaseIterable {
    /// The run ends with an error after the records before it.
    case stop
    /// The record is left out and reported.
    case skip
}
