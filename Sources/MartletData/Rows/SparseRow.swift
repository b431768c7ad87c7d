internal import MartletJSON

/// A sparse vector: the dimensions that are not 0, ascending.
public struct SparseRow: Sendable, Equatable {
    /// Dimensions whose value is not 0, ascending.
    public let indices: [Int]
    /// Their values.
    public let values: [Float]
    /// All dimensions of the space, most of them 0; 0: no such number is known.
    public let dimensions: Int
    /// What each dimension stands for, where that is asked for.
    public var tokens: [String]?

    /// - Parameters:
    ///   - indices: Ascending, each below `dimensions` where that is not 0.
    ///   - values: As many.
    ///   - dimensions: Size of the space; 0: not known.
    ///   - tokens: What the dimensions stand for, as many; nil: not known.
    public init(indices: [Int], values: [Float], dimensions: Int, tokens: [String]? = nil) {
        self.indices = indices
        self.values = values
        self.dimensions = dimensions
        self.tokens = tokens
    }

    /// `,"indices":[…],"values":[…]` and, where there are any, `,"tokens":[…]`.
    package func appendMembers(to output: inout [UInt8]) {
        output.append(contentsOf: ",\"indices\":[".utf8)
        for (place, index) in indices.enumerated() {
            if place > 0 { output.append(UInt8(ascii: ",")) }
            JSONText.append(index, to: &output)
        }
        output.append(contentsOf: "],\"values\":".utf8)
        values.withUnsafeBufferPointer { JSONText.append($0, to: &output) }
        if let tokens { MultiVectorRows.appendTokens(tokens, to: &output) }
    }
}
