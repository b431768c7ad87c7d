extension Tokenizer {
    /// Two texts in one sequence, as cross-encoders read them. Where they are too long together, tokens go
    /// from the longer one first, as Hugging Face's `longest_first`.
    package func encode(
        _ first: String, _ second: String, maxTokens: Int? = nil, truncation: Truncation = .end,
        addsSpecialTokens: Bool = true,
        withOffsets: Bool = false
    ) -> Encoding {
        var (first, second) = (first, second)
        return first.withUTF8 { first in
            second.withUTF8 { second in
                if withOffsets {
                    return encodeWithOffsets(first, second, maxTokens, truncation, addsSpecialTokens)
                }
                var ids: [Int32] = []
                var types: [Int32] = []
                let total = encode(
                    utf8: UnsafeRawBufferPointer(first), UnsafeRawBufferPointer(second), into: &ids,
                    types: &types, maxTokens: maxTokens,
                    truncation: truncation, addsSpecialTokens: addsSpecialTokens, scratch: TokenizerScratch())
                return Encoding(
                    ids: ids, typeIDs: types.contains { $0 != 0 } ? types : nil, totalTokens: total)
            }
        }
    }

    /// Appends the ids and types of a pair and returns how many tokens there were before truncation.
    package func encode(
        utf8 first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, into ids: inout [Int32],
        types: inout [Int32],
        maxTokens: Int? = nil, truncation: Truncation = .end, addsSpecialTokens: Bool = true,
        scratch: TokenizerScratch
    ) -> Int {
        let limit = textLimit(maxTokens, isPair: true, addsSpecialTokens)
        let sinks = [first, second].map { text in
            var sink = IDSink(ids: [], limit: limit, truncation: truncation)
            encode(AlignedText(text.bindMemory(to: UInt8.self)), into: &sink, scratch)
            sink.finish()
            return sink
        }
        let kept = Self.longestFirst(sinks[0].total, sinks[1].total, limit: truncation == .none ? nil : limit)
        for piece in pieces(isPair: true, addsSpecialTokens) {
            switch piece {
            case .first(let type): append(sinks[0].ids, kept.first, truncation, type, &ids, &types)
            case .second(let type): append(sinks[1].ids, kept.second, truncation, type, &ids, &types)
            case .special(let id, let type):
                ids.append(id)
                types.append(type)
            }
        }
        return sinks[0].total + sinks[1].total + specialCount(isPair: true, addsSpecialTokens)
    }

    private func append(
        _ source: [Int32], _ count: Int, _ truncation: Truncation, _ type: Int32, _ ids: inout [Int32],
        _ types: inout [Int32]
    ) {
        ids.append(contentsOf: truncation == .start ? source.suffix(count) : source.prefix(count))
        types.append(contentsOf: repeatElement(type, count: count))
    }

    // MARK: Templates

    /// Special tokens around a pair of texts; nil where the tokenizer has no form for pairs.
    package var pairSpecialTokenCount: Int? { template.pair.isEmpty ? nil : specialCount(isPair: true, true) }

    /// The largest token type in a pair.
    package var largestPairType: Int {
        template.pair.reduce(0) {
            switch $1 {
            case .first(let type), .second(let type), .special(_, let type): max($0, Int(type))
            }
        }
    }

    /// A pair in a few words: `[CLS] A [SEP] B [SEP]`.
    package var pairForm: String {
        template.pair.map {
            switch $0 {
            case .first: "A"
            case .second: "B"
            case .special(let id, _): token(id: Int(id)) ?? "?"
            }
        }.joined(separator: " ")
    }

    private func pieces(isPair: Bool, _ addsSpecialTokens: Bool) -> [Template.Piece] {
        let pieces = isPair ? template.pair : template.single
        return addsSpecialTokens ? pieces : pieces.filter { if case .special = $0 { false } else { true } }
    }

    private func specialCount(isPair: Bool, _ addsSpecialTokens: Bool) -> Int {
        pieces(isPair: isPair, addsSpecialTokens).reduce(0) { if case .special = $1 { $0 + 1 } else { $0 } }
    }

    private func textLimit(_ maxTokens: Int?, isPair: Bool, _ addsSpecialTokens: Bool) -> Int? {
        maxTokens.map { max(0, $0 - specialCount(isPair: isPair, addsSpecialTokens)) }
    }

    /// How many tokens of each text stay.
    static func longestFirst(_ first: Int, _ second: Int, limit: Int?) -> (first: Int, second: Int) {
        guard let limit, first + second > limit else { return (first, second) }
        let shorter = min(first, second)
        var kept = (short: shorter, long: max(shorter, limit - shorter))
        if kept.short + kept.long > limit { kept = (limit / 2, limit / 2 + limit % 2) }
        return first > second ? (kept.long, kept.short) : (kept.short, kept.long)
    }

    // MARK: Offsets

    func encodeWithOffsets(
        _ first: UnsafeBufferPointer<UInt8>, _ second: UnsafeBufferPointer<UInt8>?, _ maxTokens: Int?,
        _ truncation: Truncation,
        _ addsSpecialTokens: Bool
    ) -> Encoding {
        let scratch = TokenizerScratch()
        let limit = textLimit(maxTokens, isPair: second != nil, addsSpecialTokens)
        func tokens(_ text: UnsafeBufferPointer<UInt8>) -> IDSink {
            var sink = IDSink(ids: [], limit: limit, truncation: truncation, tracksOffsets: true)
            let ranges = AlignedText.characterRanges(text)
            ranges.withUnsafeBufferPointer {
                encode(AlignedText(text, alignment: $0.baseAddress), into: &sink, scratch)
            }
            sink.finish()
            return sink
        }
        let a = tokens(first)
        let b = second.map(tokens)
        let specials = specialCount(isPair: b != nil, addsSpecialTokens)
        let kept = Self.longestFirst(a.total, b?.total ?? 0, limit: truncation == .none ? nil : limit)
        var encoding = Encoding(
            ids: [], typeIDs: [], totalTokens: a.total + (b?.total ?? 0) + specials, offsets: [],
            textIndices: [])
        func append(
            _ sink: IDSink, _ text: UnsafeBufferPointer<UInt8>, _ count: Int, _ type: Int32, _ index: Int
        ) {
            let start = truncation == .start ? sink.ids.count - count : 0
            encoding.ids += sink.ids[start..<start + count]
            encoding.typeIDs? += Array(repeating: type, count: count)
            encoding.textIndices? += Array(repeating: index, count: count)
            encoding.offsets? += postProcessor.offsets(Array(sink.places[start..<start + count]), of: text)
        }
        for piece in pieces(isPair: b != nil, addsSpecialTokens) {
            switch piece {
            case .first(let type): append(a, first, kept.first, type, 0)
            case .second(let type): if let b, let second { append(b, second, kept.second, type, 1) }
            case .special(let id, let type):
                encoding.ids.append(id)
                encoding.typeIDs?.append(type)
                encoding.offsets?.append(0..<0)
                encoding.textIndices?.append(-1)
            }
        }
        if encoding.typeIDs?.allSatisfy({ $0 == 0 }) == true { encoding.typeIDs = nil }
        return encoding
    }
}
