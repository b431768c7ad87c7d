import MartletTestSupport

/// Texts that chunkers must take: words, lines, markup, scripts without spaces, marks, emoji, broken
/// sequences of all kinds.
struct RandomText {
    private var random: SplitMix64
    private static let parts: [String] = [
        " ", " ", " ", " ", "  ", "\n", "\n\n", "\r\n", "\t", "\u{85}", "\u{2029}", "\u{A0}", "\u{3000}",
        ". ", "! ", "? ", "… ", ", ", "; ", ": ", "-",
        "/", "(", ")", "[", "]", "{", "}", "\"", "'", "“", "”", "the", "cat", "sat", "Mr.", "e.g.", "don't",
        "3.14", "1,000", "Übergröße", "naïve",
        "e\u{301}", "\u{301}", "a\u{300}\u{301}\u{302}", "нет", "слово", "ελληνικά", "漢字", "仮名", "カタカナ", "。",
        "、", "ไทย", "हिन्दी", "क्ष", "한국어",
        "\u{1112}\u{1161}\u{11AB}", "עברית", "ע\"ב", "العربية", "\u{600}1", "👩‍👩‍👧‍👦", "🇩🇪", "🇩🇪🇫🇷🇯🇵", "👍🏽", "❤️",
        "\u{200D}", "\u{200B}", "\u{FEFF}", "\u{0}",
        "\u{1F}", "\u{FFFD}", "\u{E000}", "\u{10FFFF}", "ﬁ", "ﷺ", "Ⅷ", "[MASK]", "<mask>", "</s>",
        "<|endoftext|>", "▁", "##ing", "https://example.org/a_b?c=d&e=f",
        "# Title\n", "## Part\n", "\n- item\n", "\n1. one\n", "\n```\n", "\n~~~\n",
        "\n| a | b |\n|---|---|\n| 1 | 2 |\n", "\n> quote\n", "\n---\n",
        "\n===\n", "<p>", "</p>", "<b>", "</b>", "<script>", "</script>", "<h1>", "</h1>", "<!--", "-->",
        "&amp;", "&#233;", "&lt;", "<", ">", "&",
        "\nfunc f() {\n", "\n}\n", "    return x\n", "// note\n", "/*", "*/", "\ndef f():\n", "\\",
    ]

    init(seed: UInt64) { random = SplitMix64(state: seed) }

    /// About so many parts; some texts are mostly of one kind.
    mutating func next(_ count: Int) -> String {
        let favourites = (0..<3).map { _ in Self.parts[random.below(Self.parts.count)] }
        let bias = random.below(10)
        var text = ""
        for _ in 0..<count {
            if random.below(10) < bias {
                text += favourites[random.below(3)]
            } else if random.below(20) == 0 {
                text.unicodeScalars.append(Unicode.Scalar(UInt32(random.below(0x10FFFF))) ?? "x")
            } else {
                text += Self.parts[random.below(Self.parts.count)]
            }
        }
        return text
    }

    mutating func below(_ bound: Int) -> Int { random.below(bound) }
}
