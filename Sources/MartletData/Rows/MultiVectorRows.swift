internal import MartletJSON

/// A list of vectors for each text, one for each of its tokens.
public struct MultiVectorRows: Sendable, Equatable {
    /// The tokens of each row.
    public let tokens: [[String]]
    /// Elements of a vector.
    public let dimensions: Int
    /// The vectors of all rows, end to end.
    public let vectors: [Float]
    /// The first vector of each row, and the end of the last.
    package let starts: [Int]

    /// - Precondition: `vectors` has `dimensions` numbers for each token.
    public init(tokens: [[String]], dimensions: Int, vectors: [Float]) {
        self.tokens = tokens
        self.dimensions = dimensions
        self.vectors = vectors
        starts = tokens.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    }

    /// Number of texts.
    public var count: Int { tokens.count }

    /// The elements of each vector of a row.
    package func ranges(of row: Int) -> [Range<Int>] {
        (starts[row]..<starts[row + 1]).map { $0 * dimensions..<($0 + 1) * dimensions }
    }

    /// `,"tokens":["[CLS]",…],"embedding":[[…],…]`.
    package func appendMembers(row: Int, to output: inout [UInt8]) {
        Self.appendTokens(tokens[row], to: &output)
        output.append(contentsOf: ",\"embedding\":[".utf8)
        vectors.withUnsafeBufferPointer { all in
            for (token, range) in ranges(of: row).enumerated() {
                if token > 0 { output.append(UInt8(ascii: ",")) }
                JSONText.append(UnsafeBufferPointer(rebasing: all[range]), to: &output)
            }
        }
        output.append(UInt8(ascii: "]"))
    }

    static func appendTokens(_ tokens: [String], to output: inout [UInt8]) {
        output.append(contentsOf: ",\"tokens\":[".utf8)
        for (index, token) in tokens.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            JSONText.append(token, to: &output)
        }
        output.append(UInt8(ascii: "]"))
    }
}
