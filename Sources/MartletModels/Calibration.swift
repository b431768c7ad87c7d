/// Token ids on which activation ranges are measured: drawn at random, between the special tokens that stand
/// around every text.
///
/// Channels that are large are so for nearly every token, so ids need no texts; special tokens have large
/// channels of their own. On all-MiniLM-L6-v2 scales measured so serve as well as scales from real texts.
package struct Calibration: Sendable {
    private let before: [Int32]
    private let after: [Int32]

    package init(before: [Int32] = [], after: [Int32] = []) {
        self.before = before
        self.after = after
    }

    /// docs/decisions/0020-scales-of-int8.md says what fewer and more give.
    static let tokens = 40

    /// One sequence of ids from a fixed generator (SplitMix64, Steele et al. 2014), the same on every
    /// machine.
    func batch(vocabularySize: Int, maxPositions: Int) -> PackedBatch {
        var seed: UInt64 = 1
        func next() -> UInt64 {
            seed &+= 0x9e37_79b9_7f4a_7c15
            var z = seed
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
        let known = { (ids: [Int32]) in ids.filter { $0 >= 0 && Int($0) < vocabularySize } }
        let (first, last) = (known(before), known(after))
        let longest = min(Self.tokens, maxPositions)
        let length = longest - first.count - last.count
        let ids = first + (0..<max(1, length)).map { _ in Int32(next() % UInt64(vocabularySize)) } + last
        var batch = PackedBatch()
        batch.append(ids.prefix(longest))
        return batch
    }
}
