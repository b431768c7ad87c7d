/// Sentence boundaries by the default rules of Unicode Standard Annex 29, section 5.1.
enum SentenceBreaks {
    enum Cause {
        /// A terminator such as a full stop ended the sentence.
        case terminator
        /// Only a line ended.
        case line
    }

    /// Where the rules stand after a terminator and what may follow it: SATerm Close* Sp*.
    private struct Ending {
        var isATerm: Bool
        /// A cased letter came before the terminator.
        var followsLetter: Bool
        var phase: Phase = .terminator
        enum Phase { case terminator, close, space }
    }

    /// Calls `body` with each boundary between the ends of `range`.
    static func forEach(
        in source: SourceText, _ range: Range<Int>, _ body: (_ offset: Int, _ cause: Cause) -> Void
    ) {
        let classes = BoundaryClasses.shared
        var position = range.lowerBound
        var previous = SentenceClass.other
        var ending: Ending?
        var afterTerminator = false
        while position < range.upperBound {
            let (scalar, length) = source.scalar(at: position)
            let kind =
                scalar < 0x80
                ? classes.kind(ofASCII: UInt8(scalar)).sentence : classes.kind(of: scalar).sentence
            defer { position += length }
            if previous.endsParagraph, !(previous == .carriageReturn && kind == .lineFeed) {
                // SB4
                if position > range.lowerBound { body(position, afterTerminator ? .terminator : .line) }
                ending = nil
            } else if kind == .extend || kind == .format {
                if position > range.lowerBound { continue }  // SB5
            } else if let current = ending,
                breaks(before: kind, at: position, current, source, range.upperBound)
            {
                body(position, .terminator)
                ending = nil
            }
            if kind.endsParagraph {
                afterTerminator =
                    ending != nil || previous == .carriageReturn && kind == .lineFeed && afterTerminator
            }
            ending = next(ending, kind, previous)
            previous = kind
        }
    }

    /// Rules SB6 to SB11.
    private static func breaks(
        before kind: SentenceClass, at position: Int, _ ending: Ending, _ source: SourceText, _ end: Int
    ) -> Bool {
        if ending.isATerm, ending.phase == .terminator {
            if kind == .numeric || ending.followsLetter && kind == .upper { return false }  // SB6, SB7
        }
        // SB8a, SB9, SB10
        if kind == .sContinue || kind.isTerminator || kind == .space || kind.endsParagraph { return false }
        if kind == .close, ending.phase != .space { return false }  // SB9
        return !(ending.isATerm && isFollowedByLower(source, position, end))  // SB8, SB11
    }

    /// Rule SB8 looks ahead to the next letter.
    private static func isFollowedByLower(_ source: SourceText, _ start: Int, _ end: Int) -> Bool {
        var position = start
        while position < end {
            let (scalar, length) = source.scalar(at: position)
            let kind = BoundaryClasses.shared.kind(of: scalar).sentence
            if kind == .lower { return true }
            if kind == .otherLetter || kind == .upper || kind.endsParagraph || kind.isTerminator {
                return false
            }
            position += length
        }
        return false
    }

    private static func next(_ ending: Ending?, _ kind: SentenceClass, _ previous: SentenceClass) -> Ending? {
        switch kind {
        case .aTerm, .sTerm: return Ending(isATerm: kind == .aTerm, followsLetter: previous.isCasedLetter)
        case .close:
            guard var ending, ending.phase != .space else { return nil }
            ending.phase = .close
            return ending
        case .space:
            guard var ending else { return nil }
            ending.phase = .space
            return ending
        default: return nil
        }
    }
}
