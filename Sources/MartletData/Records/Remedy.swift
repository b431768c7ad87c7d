/// What can be done about an error, as data: a front end knows which option, member or argument does it.
public enum Remedy: Sendable, Hashable, CustomStringConvertible {
    /// What the caller can do to the data.
    case advice(String)
    /// Leave such records out.
    case skipRecords
    /// Name the member or column that holds the text.
    case nameTextField
    /// Name the member or column that holds the id, or none.
    case nameIDField
    /// Read the input in another format, for a purpose: `("lines", "embed its lines")`.
    case readAs(format: String, purpose: String)
    /// Write to another place.
    case writeElsewhere
    /// Check the path, or give the text itself.
    case checkPath

    public var description: String {
        switch self {
        case .advice(let text): text
        case .skipRecords: "skip such records"
        case .nameTextField: "name the field that holds the text"
        case .nameIDField: "name the field that holds the id"
        case .readAs(let format, let purpose): "read it as \(format) to \(purpose)"
        case .writeElsewhere: "write to another file"
        case .checkPath: "check the path"
        }
    }
}
