#if Command

/// The last line of a terminal's stderr, drawn over as work goes on.
final class StatusLine {
    private let isShown: Bool
    private var isDrawn = false

    init(isShown: Bool) { self.isShown = isShown }

    /// Draws as much of `text` as fits the terminal's width.
    func show(_ text: String) {
        guard isShown else { return }
        isDrawn = true
        Console.write("\r" + Self.fitted(text, width: System.terminalWidth(2)) + "\u{1B}[K")
    }

    /// One column stays free: a full line would wrap.
    static func fitted(_ text: String, width: Int) -> String { String(text.prefix(max(1, width - 1))) }

    func clear() {
        guard isDrawn else { return }
        isDrawn = false
        Console.write("\r\u{1B}[K")
    }
}

#endif
