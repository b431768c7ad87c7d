internal import MartletJSON

/// How words of a collection are cut to stems.
///
/// Stems are those of Snowball's algorithms (https://snowballstem.org), written from their definitions: of
/// version 3.1 for Finnish, Hungarian and Romanian, of version 2.2 for the others. Words of other scripts
/// stay as they are.
public enum WordLanguage: String, Sendable, Hashable, CaseIterable {
    /// Porter's second algorithm, for words of ASCII's letters.
    case english
    case danish
    /// Porter's algorithm for Dutch.
    case dutch
    case finnish
    case french
    case german
    /// The light stemmer of Tordai and de Rijke: endings of nouns and adjectives.
    case hungarian
    case italian
    /// Bokmål.
    case norwegian
    case portuguese
    case romanian
    case russian
    case spanish
    case swedish
    /// Words as they are, in lower case.
    case none

    /// The language of that name, in lower case.
    /// - Throws: ``IndexError`` if there is no stemmer for it. ``none`` finds words of such a language as they
    ///   are.
    public static func named(_ name: String) throws(IndexError) -> WordLanguage {
        if let language = WordLanguage(rawValue: name) { return language }
        let others = allCases.filter { $0 != .none }.map(\.rawValue).joined(separator: ", ")
        throw IndexError(
            .invalidOption,
            "there is no stemmer for \(name.quotedForMessage); use none, which finds words as they are, "
                + "or one of \(others)")
    }
}
