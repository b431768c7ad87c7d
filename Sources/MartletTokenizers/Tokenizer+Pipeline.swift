extension Tokenizer {
    /// The tokens of a text, without those of the template.
    func encode(_ text: AlignedText, into sink: inout IDSink, _ scratch: TokenizerScratch) {
        scratch.normalized.tracksAlignment = sink.tracksOffsets
        guard !literal.isEmpty else { return encodeSegment(text, startsText: true, into: &sink, scratch) }
        var kept = 0
        var search = 0
        while let match = literal.next(in: text.bytes, from: &search, kept: kept) {
            if kept < match.range.lowerBound {
                encodeSegment(
                    text.slice(kept..<match.range.lowerBound), startsText: kept == 0, into: &sink, scratch)
            }
            sink.append(added: match.token.id, match.range, of: text)
            kept = match.range.upperBound
        }
        if kept < text.count {
            encodeSegment(text.slice(kept..<text.count), startsText: kept == 0, into: &sink, scratch)
        }
    }

    /// Text without literal added tokens.
    private func encodeSegment(
        _ text: AlignedText, startsText: Bool, into sink: inout IDSink, _ scratch: TokenizerScratch
    ) {
        guard let normalizer else {
            return encodeNormalized(text, startsText: startsText, into: &sink, scratch)
        }
        forEachPiece(of: text, isLocal) { piece, isFirst in
            scratch.normalized.removeAll()
            normalizer.normalize(piece, into: scratch.normalized)
            scratch.normalized.withText { text in
                encodeNormalized(text, startsText: startsText && isFirst, into: &sink, scratch)
            }
        }
    }

    private func encodeNormalized(
        _ text: AlignedText, startsText: Bool, into sink: inout IDSink, _ scratch: TokenizerScratch
    ) {
        guard !normalized.isEmpty else {
            return encodeWords(text, startsText: startsText, into: &sink, scratch)
        }
        var kept = 0
        var search = 0
        while let match = normalized.next(in: text.bytes, from: &search, kept: kept) {
            if kept < match.range.lowerBound {
                encodeWords(
                    text.slice(kept..<match.range.lowerBound), startsText: startsText && kept == 0,
                    into: &sink, scratch)
            }
            sink.append(added: match.token.id, match.range, of: text)
            kept = match.range.upperBound
        }
        if kept < text.count {
            encodeWords(
                text.slice(kept..<text.count), startsText: startsText && kept == 0, into: &sink, scratch)
        }
    }

    private func encodeWords(
        _ text: AlignedText, startsText: Bool, into sink: inout IDSink, _ scratch: TokenizerScratch
    ) {
        forEachPiece(of: text, splitsLocally) { piece, isFirst in
            scratch.words.begin(piece, startsText: startsText && isFirst)
            preTokenizer?.preTokenize(scratch.words)
            scratch.words.withText { text in
                if sink.tracksOffsets { sink.text = text }
                model.tokenize(text, scratch.words.words, into: &sink, scratch)
            }
        }
    }

    /// Pieces of 8 KiB and a little more, where the text may be cut; else all of it.
    @inline(__always)
    private func forEachPiece(
        of text: AlignedText, _ isLocal: Bool, _ body: (AlignedText, _ isFirst: Bool) -> Void
    ) {
        let pieceSize = 1 << 13
        guard isLocal, text.count > pieceSize else {
            if text.count > 0 { body(text, true) }
            return
        }
        var start = 0
        while start < text.count {
            var end = min(text.count, start + pieceSize)
            while end < text.count, text.bytes[end] != 0x20 || !(0x21...0x7E ~= text.bytes[end - 1]) {
                end += 1
            }
            body(text.slice(start..<end), start == 0)
            start = end
        }
    }
}
