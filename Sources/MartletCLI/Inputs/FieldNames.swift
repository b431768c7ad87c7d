#if Command

/// The members or columns that hold the text and the id.
struct FieldNames: Sendable, Equatable {
    static let defaultText = "text"
    static let defaultID = "id"

    /// A path with dots, `meta.title`; a member that is called so in full goes before the path.
    var text = defaultText
    /// nil: `id` is kept where it is there, and may be missing.
    var id: String?
}

#endif
