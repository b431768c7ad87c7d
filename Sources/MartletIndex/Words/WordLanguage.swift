/// How words of a collection are cut to stems.
public enum WordLanguage: String, Sendable, Hashable, CaseIterable {
    /// English stems (Porter's second algorithm); words of other scripts stay as they are.
    case english
    /// Words as they are, in lower case.
    case none
}
