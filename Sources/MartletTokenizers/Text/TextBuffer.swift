/// Text that a step of the pipeline writes: bytes and, where offsets are asked for, the original range of
/// each byte.
final class TextBuffer {
    let buffer: ByteBuffer
    /// Whether offsets are asked for. Changes only while the buffer is empty.
    @exclusivity(unchecked) var tracksAlignment = false
    @exclusivity(unchecked) private var ranges: [Range<Int>] = []
    @exclusivity(unchecked) private var current = 0..<0

    init(capacity: Int = 1 << 14) { buffer = ByteBuffer(capacity: capacity) }

    var bytes: UnsafeBufferPointer<UInt8> { buffer.bytes }
    var count: Int { buffer.count }

    var allocatedBytes: Int { buffer.capacity + ranges.capacity * MemoryLayout<Range<Int>>.stride }

    func removeAll() {
        buffer.removeAll()
        if !ranges.isEmpty { ranges.removeAll(keepingCapacity: true) }
        current = 0..<0
    }

    /// The view is good until the buffer changes.
    func withText<Result>(_ body: (AlignedText) -> Result) -> Result {
        guard tracksAlignment else { return body(AlignedText(bytes)) }
        return ranges.withUnsafeBufferPointer { body(AlignedText(bytes, alignment: $0.baseAddress)) }
    }

    // MARK: Alignment

    /// What is appended from here on stands for what byte `index` of `text` stands for. Before the first byte
    /// that is its start.
    @inline(__always)
    func align(to text: AlignedText, at index: Int) {
        if let alignment = text.alignment {
            current = index >= 0 ? alignment[index] : start(of: text, alignment)
        }
    }

    /// What is appended from here on stands for all of `range`.
    @inline(__always)
    func align(to text: AlignedText, _ range: Range<Int>) {
        if let original = text.original(range) { current = original }
    }

    private func start(of text: AlignedText, _ alignment: UnsafePointer<Range<Int>>) -> Range<Int> {
        text.count > 0 ? alignment[0].lowerBound..<alignment[0].lowerBound : 0..<0
    }

    // MARK: Appending

    @inline(__always)
    func append(scalar: UInt32) {
        let before = buffer.count
        buffer.append(scalar: scalar)
        if tracksAlignment { mark(buffer.count - before) }
    }

    @inline(__always)
    func append(byte: UInt8) {
        buffer.append(byte: byte)
        if tracksAlignment { mark(1) }
    }

    func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        buffer.append(bytes)
        if tracksAlignment { mark(bytes.count) }
    }

    func append(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { append($0) } }

    /// A part of `text` as it is; every byte keeps what it stands for.
    func copy(_ text: AlignedText, _ range: Range<Int>) {
        buffer.append(UnsafeBufferPointer(rebasing: text.bytes[range]))
        if tracksAlignment, let alignment = text.alignment {
            ranges.append(
                contentsOf: UnsafeBufferPointer(start: alignment + range.lowerBound, count: range.count))
        }
    }

    private func mark(_ count: Int) { for _ in 0..<count { ranges.append(current) } }
}

/// Rewrites a text as a sequence of scalars with a change each, after the rules by which the reference
/// library keeps alignments: 0 replaces the next scalar of the input, 1 is inserted and stands for the same
/// as what came before it, -n replaces one and removes the n after it.
struct TextTransform {
    let text: AlignedText
    let output: TextBuffer
    private var position = 0

    init(_ text: AlignedText, into output: TextBuffer) {
        self.text = text
        self.output = output
    }

    mutating func put(_ scalar: UInt32, change: Int) {
        if output.tracksAlignment {
            if change > 0 {
                output.align(to: text, at: position - 1)
            } else {
                output.align(to: text, at: min(position, text.count - 1))
                for _ in 0...(-change) { skip() }
            }
        }
        output.append(scalar: scalar)
    }

    /// Passes over a scalar of the input.
    mutating func skip() {
        if position < text.count { position += UTF8Scalars.decode(text.bytes, at: position).length }
    }
}
