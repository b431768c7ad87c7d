/// What happens to tokens after the model: special tokens around them, and spaces taken off their offsets.
struct PostProcessor: Sendable {
    var template: Template
    /// `trim_offsets` of `ByteLevel` and `RobertaProcessing`.
    var trimsOffsets = false
    /// A single space before the first token is taken for one that the pre-tokenizer put there.
    var addsPrefixSpace = false

    static let none = PostProcessor(template: .none)

    /// The places of the tokens of one text, in bytes.
    func offsets(_ places: [TokenPlace], of text: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
        guard trimsOffsets else { return places.map(\.range) }
        return places.enumerated().map { index, place in
            var (lower, upper) = (place.range.lowerBound, place.range.upperBound)
            let isAdded = addsPrefixSpace && place.leadingSpaces == 1 && (index == 0 || lower == 0)
            for _ in 0..<(isAdded ? 0 : place.leadingSpaces) where lower < upper {
                lower += UTF8Scalars.decode(text, at: lower).length
            }
            for _ in 0..<place.trailingSpaces where upper > lower {
                upper -= UTF8Scalars.decode(text, before: upper).length
            }
            return min(lower, upper)..<upper
        }
    }
}
