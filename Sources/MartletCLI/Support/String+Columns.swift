#if Command

extension String {
    /// Columns that a terminal takes for it.
    var columns: Int { reduce(0) { $0 + $1.columns } }
}

extension Character {
    /// Columns that a terminal takes for it: two for Chinese, Japanese and Korean characters and for emoji.
    var columns: Int {
        guard let scalar = unicodeScalars.first else { return 0 }
        if scalar.isASCII { return 1 }
        let isEmoji =
            scalar.properties.isEmojiPresentation
            || (scalar.properties.isEmoji && unicodeScalars.contains("\u{FE0F}"))
        return isEmoji || Self.wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    /// The blocks whose characters are wide or fullwidth, by Unicode Standard Annex 11.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
        0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x1B000...0x1B2FF, 0x20000...0x3FFFD,
    ]
}

#endif
