package import MartletCompute

/// One thread's forward passes of an encoder, with the memory that they need. Not Sendable: a thread owns it.
package protocol EncoderSession: AnyObject {
    /// Bytes that it holds on to.
    var bytes: Int { get }
    /// Runs the encoder over `batch` and returns what `reduction` keeps. It blocks.
    /// - Parameters:
    ///   - batch: No larger than the session was made for; ids are below `shape.vocabularySize`.
    ///   - team: Threads that share the work on a single text; nil: the calling thread works alone. A device
    ///     with threads of its own leaves it unused.
    func run(_ batch: PackedBatch, _ reduction: Reduction, team: Team?) -> EncodedRows
    /// What the last run kept of the first tokens of its first sequence, where the batch asked for it.
    var keptPrefix: (any EncodedPrefix)? { get }
}

extension EncoderSession {
    package var keptPrefix: (any EncodedPrefix)? { nil }
}

/// The largest batch that a session is made for.
package struct BatchLimit: Sendable, Equatable {
    package let tokens: Int
    /// Tokens of the longest sequence.
    package let longest: Int

    package init(tokens: Int, longest: Int) {
        self.tokens = tokens
        self.longest = longest
    }
}

/// Rows that a session lends until its next run. Whoever holds them may change them.
package struct EncodedRows {
    /// The first row; rows are `stride` apart.
    package let base: UnsafeMutablePointer<Float>
    package let stride: Int
    package let width: Int
    /// Where each text's rows begin, and the end of the last; nil: each text has one row.
    package let offsets: [Int]?

    package init(base: UnsafeMutablePointer<Float>, stride: Int, width: Int, offsets: [Int]? = nil) {
        self.base = base
        self.stride = stride
        self.width = width
        self.offsets = offsets
    }

    /// The rows of a text.
    package func range(of text: Int) -> Range<Int> {
        guard let offsets else { return text..<text + 1 }
        return offsets[text]..<offsets[text + 1]
    }

    /// A row without what pads it.
    package func row(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: base + index * stride, count: width)
    }
}
