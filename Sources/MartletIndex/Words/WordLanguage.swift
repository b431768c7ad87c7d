/// How words of a collection are cut to stems.
///
/// Stems are those of Snowball's algorithms (https://snowballstem.org, version 2.2), written from their
/// definitions. Words of other scripts stay as they are.
public enum WordLanguage: String, Sendable, Hashable, CaseIterable {
    /// Porter's second algorithm, for words of ASCII's letters.
    case english
    case danish
    /// Porter's algorithm for Dutch.
    case dutch
    case french
    case german
    case italian
    /// Bokmål.
    case norwegian
    case portuguese
    case russian
    case spanish
    case swedish
    /// Words as they are, in lower case.
    case none
}
