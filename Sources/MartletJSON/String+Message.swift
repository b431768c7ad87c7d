extension String {
    /// Quoted for a message: text from a file is cut and freed from control characters, so that it cannot
    /// write to the terminal.
    package var quotedForMessage: String {
        var shown = String.UnicodeScalarView()
        for scalar in unicodeScalars.prefix(120) {
            let isControl = scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value)
            shown.append(isControl ? "\u{fffd}" : scalar)
        }
        return "\"" + String(shown) + (unicodeScalars.count > 120 ? "…\"" : "\"")
    }
}
