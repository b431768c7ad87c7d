/// The least and the greatest value of each dimension: what ``OutputPrecision/int8`` and
/// ``OutputPrecision/uint8`` divide into steps.
///
/// Keep the ranges with the stored vectors: queries have to be quantised with the same ones.
public struct QuantizationRanges: Sendable, Hashable {
    /// One value per dimension.
    public let minimum: [Float]
    /// One value per dimension.
    public let maximum: [Float]
    /// The model whose vectors they are ranges of; nil: not known, and taken on trust.
    public let identity: ModelIdentity?

    /// Known ranges.
    /// - Parameters:
    ///   - minimum: One value per dimension.
    ///   - maximum: One value per dimension.
    ///   - identity: The model whose vectors they are ranges of.
    /// - Throws: ``MartletError/Code/invalidOption`` if the counts differ, a value is not finite, or a
    ///   minimum is above its maximum.
    public init(minimum: [Float], maximum: [Float], identity: ModelIdentity? = nil) throws(MartletError) {
        self.identity = identity
        guard minimum.count == maximum.count else {
            throw MartletError(
                .invalidOption,
                "quantisation ranges: \(minimum.count) minima and \(maximum.count) maxima, expected as many of each"
            )
        }
        for (dimension, (low, high)) in zip(minimum, maximum).enumerated()
        where !(low.isFinite && high.isFinite && low <= high) {
            throw MartletError(
                .invalidOption,
                "quantisation ranges: dimension \(dimension) goes from \(low) to \(high), expected finite numbers, the lesser first"
            )
        }
        self.minimum = minimum
        self.maximum = maximum
    }

    /// The ranges of representative vectors; a few thousand are better than a few.
    /// - Throws: ``MartletError/Code/invalidOption`` without vectors, ``MartletError/Code/nonFinite`` if a
    ///   value is not finite.
    public init(calibration: Embeddings) throws(MartletError) {
        identity = calibration.identity
        guard let first = calibration.first else {
            throw MartletError(
                .invalidOption, "quantisation ranges need at least one vector to calibrate with")
        }
        var minimum = first.values
        var maximum = minimum
        for (index, vector) in calibration.enumerated() {
            for (dimension, value) in vector.enumerated() {
                guard value.isFinite else {
                    throw MartletError(
                        .nonFinite,
                        "vector \(index): dimension \(dimension) is \(value), which has no place in a range",
                        inputIndex: index)
                }
                minimum[dimension] = Swift.min(minimum[dimension], value)
                maximum[dimension] = Swift.max(maximum[dimension], value)
            }
        }
        self.minimum = minimum
        self.maximum = maximum
    }
}

extension QuantizationRanges: Codable {
    private enum CodingKeys: String, CodingKey { case minimum, maximum, identity }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            minimum: try container.decode([Float].self, forKey: .minimum),
            maximum: try container.decode([Float].self, forKey: .maximum),
            identity: try container.decodeIfPresent(ModelIdentity.self, forKey: .identity))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(minimum, forKey: .minimum)
        try container.encode(maximum, forKey: .maximum)
        try container.encodeIfPresent(identity, forKey: .identity)
    }
}
