#if Command

import MartletData

/// What a run says on stderr besides its results: the bar, warnings, the summary.
final class Reporter {
    private let isQuiet: Bool
    let showsBar: Bool
    private let showsSummary: Bool
    private let totalBytes: Int?
    /// Bytes of the input that came before this run: what the first batch of a resumed one had read. nil: not
    /// known yet.
    private var bytesBefore: Int?
    /// What a million tokens cost; nil: not known.
    private let price: Double?
    /// Seconds between lines where there is no bar; nil: none are written.
    private let lineInterval: Double?
    private let began = System.seconds()
    private let waited: WaitedTime
    private var lastDrawn = 0.0
    private let line: StatusLine
    private var skipsShown = 0
    private let isResumed: Bool

    static let shownSkips = 10

    /// - Parameters:
    ///   - writesToTerminal: Results go to the terminal.
    ///   - sharesTerminal: Results may come to the terminal, also through a pipe, while work goes on: a bar
    ///     would erase them.
    ///   - waited: Is left out of the speed and of the time that is left.
    ///   - isJob: The run may take hours, and says once a minute where it is if nobody sees a bar.
    init(
        _ verbosity: VerbosityOptions, terminals: Terminals, writesToTerminal: Bool, sharesTerminal: Bool,
        totalBytes: Int?, isJob: Bool = false, isResumed: Bool = false, price: Double? = nil,
        waited: WaitedTime = WaitedTime(), lineInterval: Double = 60
    ) {
        isQuiet = verbosity.quiet
        showsBar = terminals.error && !sharesTerminal && !verbosity.quiet
        line = StatusLine(isShown: showsBar)
        showsSummary = verbosity.verbose || terminals.error && !writesToTerminal && !verbosity.quiet
        self.totalBytes = totalBytes
        self.price = price
        self.waited = waited
        bytesBefore = isResumed ? nil : 0
        self.isResumed = isResumed
        self.lineInterval = isJob && !terminals.error && !verbosity.quiet ? lineInterval : nil
        if !showsBar { lastDrawn = began }
    }

    func progress(_ counts: RunCounts) {
        let now = System.seconds()
        let before = bytesBefore ?? counts.bytesRead
        bytesBefore = before
        let interval = showsBar ? 0.1 : lineInterval
        guard let interval, now - lastDrawn >= interval else { return }
        lastDrawn = now
        let text = ProgressBar.line(
            counts, totalBytes: totalBytes, bytesBefore: before, price: price,
            seconds: now - began - waited.seconds(until: now), drawsBar: showsBar)
        if showsBar { line.show(text) } else { Console.note(text) }
    }

    func clear() { line.clear() }

    func skipped(_ message: String) {
        guard !isQuiet else { return }
        skipsShown += 1
        guard skipsShown <= Self.shownSkips else { return }
        clear()
        Console.warning("\(message) (skipped)")
        if skipsShown == Self.shownSkips { Console.warning("more skipped records are counted, not shown") }
    }

    func warn(_ message: String) {
        guard !isQuiet else { return }
        clear()
        Console.warning(message)
    }

    /// - Parameter plan: What was read, to say how plain text was cut into texts.
    /// - Throws: If there were records, and none was left: neither of this run, nor of runs before.
    func finish(_ counts: RunCounts, maxTokens: Int, truncatesStart: Bool, plan: InputPlan)
        throws(CommandError)
    {
        clear()
        defer {
            if showsSummary, !isQuiet, let note = Self.note(plan.plainText, counts) { Console.note(note) }
        }
        if counts.texts == 0, counts.skipped > 0, counts.unchanged == 0, !isResumed {
            throw CommandError(
                "\(counts.skipped == 1 ? "the only record was" : "all \(Format.count(counts.skipped, "record")) were") skipped, and nothing is left\(isQuiet ? "" : "; the warnings before say why")"
            )
        }
        guard !isQuiet else { return }
        if let first = counts.firstTruncated {
            let (verb, side) = (counts.truncated == 1 ? "was" : "were", truncatesStart ? "start" : "end")
            Console.warning(
                "\(Format.count(counts.truncated, "text")) of \(Format.grouped(counts.texts)) \(verb) longer than the model's \(maxTokens) tokens "
                    + "and cut at the \(side) (first: \(first)); --truncate error stops at such a text")
        }
        if counts.skipped > 0 { Console.warning("\(Format.count(counts.skipped, "record")) skipped") }
        if counts.blank > 0 { Console.note("\(Format.count(counts.blank, "text")) empty or blank") }
        if showsSummary { Console.note(Self.summary(counts, seconds: System.seconds() - began)) }
    }

    /// How plain text was cut into texts, where nobody said.
    static func note(_ plainText: InputPlan.PlainText, _ counts: RunCounts) -> String? {
        switch plainText {
        case .none: nil
        case .linesOf(let path):
            "\(path): \(Format.count(counts.texts, "text")), one for each line; --input file makes the file one text"
        case .wholeFiles(let count):
            "\(Format.count(count, "plain text file")), each one text; --input lines makes each line a text"
        }
    }

    static func summary(_ counts: RunCounts, seconds: Double) -> String {
        let rate = max(seconds, 1e-9)
        return
            "\(Format.count(counts.texts, "text")), \(Format.count(counts.tokens, "token")) in \(Format.duration(seconds)) "
            + "(\(Format.grouped(Int(Double(counts.texts) / rate))) texts/s, \(Format.grouped(Int(Double(counts.tokens) / rate))) tokens/s); "
            + "\(Format.grouped(counts.truncated)) truncated, \(Format.grouped(counts.blank)) blank, \(Format.grouped(counts.skipped)) skipped"
    }
}

enum ProgressBar {
    private static let barWidth = 24

    /// `████░░░░  50 %`
    static func bar(_ share: Double) -> String {
        let filled = Int(share * Double(barWidth))
        return String(repeating: "█", count: filled) + String(repeating: "░", count: barWidth - filled)
            + " \(Format.padded(String(Int(share * 100)), to: 3, alignRight: true)) %"
    }

    /// Without a total there is no bar and no time left.
    static func line(
        _ counts: RunCounts, totalBytes: Int?, bytesBefore: Int = 0, price: Double? = nil, seconds: Double,
        drawsBar: Bool = true
    ) -> String {
        let bytes = max(0, counts.bytesRead - bytesBefore)
        let rate = max(seconds, 1e-9)
        var text =
            "\(Format.count(counts.texts, "text"))  \(Format.grouped(Int(Double(counts.texts) / rate))) texts/s  "
            + "\(Format.grouped(Int(Double(counts.tokens) / rate))) tokens/s  "
            + "\(Format.fileSize(Int(Double(bytes) / rate)))/s"
        if counts.skipped > 0 { text += "  \(Format.grouped(counts.skipped)) skipped" }
        if let price { text += "  cost \(Format.money(price * Double(counts.tokens) / 1e6))" }
        if let totalBytes, totalBytes > 0 {
            let share = min(1, Double(counts.bytesRead) / Double(totalBytes))
            text = (drawsBar ? bar(share) : "\(Int(share * 100)) %") + "  " + text
            if bytes > 0, share < 1 {
                let rest = Double(totalBytes - counts.bytesRead)
                text += "  \(Format.duration(seconds * rest / Double(bytes))) left"
            }
        }
        return text
    }
}

#endif
