internal import MartletWeights

/// Scales that even out the channels between a layer norm and the matrices that read it, so that 8 bits hold
/// both better.
///
/// Activations have a few channels far larger than the rest, and one scale for a token's whole row must cover
/// them. Each channel is divided by s = √(largest activation / largest weight) before it is quantised, and
/// the matrix's column is multiplied by s when it is packed: the product is the same. Source: SmoothQuant
/// (Xiao et al. 2022), α = ½; s is normalised to a geometric mean of 1.
package struct Smoothing: Sendable, Equatable {
    /// For each layer the scales of the attention projections' input, then those of the feed-forward
    /// network's: [2 × layers][hidden].
    package let scales: [[Float]]

    package init(activations: [[Float]], weights: [[Float]]) {
        scales = zip(activations, weights).map { activations, weights in
            let logs = zip(activations, weights).map { (Smoothing.level($0) - Smoothing.level($1)) / 2 }
            let mean = logs.reduce(0, +) / Float(max(logs.count, 1))
            // Eighths: near enough to the ideal, and the same numbers whatever the last bits of a measurement
            // were.
            return logs.map { Smoothing.exp((($0 - mean) * 8).rounded() / 8) }
        }
    }

    /// From numbers in a row, as metadata keeps them; nil if there are not 2 × layers × hidden of them, all
    /// positive and finite.
    package init?(flat: [Float], layers: Int, hidden: Int) {
        guard flat.count == 2 * layers * hidden, flat.allSatisfy({ $0 > 0 && $0.isFinite }) else {
            return nil
        }
        scales = (0..<2 * layers).map { Array(flat[$0 * hidden..<($0 + 1) * hidden]) }
    }

    package var flat: [Float] { scales.flatMap { $0 } }

    /// The key that keeps the flat scales in GGUF metadata.
    package static let metadataKey = "martlet.int8.smoothing"

    /// NaN, or a value too large for a useful scale, must not spoil the scales of the other channels.
    private static func level(_ x: Float) -> Float { log(min(max(x.isFinite ? x : 1, 1e-5), 1e10)) }

    // Base-2 logarithm and power by straight lines between powers of two: a scale only has to be near its
    // ideal.
    private static func log(_ x: Float) -> Float { Float(x.exponent) + (x.significand - 1) }
    private static func exp(_ x: Float) -> Float {
        let whole = x.rounded(.down)
        return Float(sign: .plus, exponent: Int(whole), significand: 1 + (x - whole))
    }
}

extension Smoothing {
    /// The scales that a file keeps; nil if it keeps none, which leaves them to be measured.
    init?(gguf: GGUFFile, layers: Int, hidden: Int, file: String) throws(ModelError) {
        guard gguf.metadata[Smoothing.metadataKey] != nil else { return nil }
        guard let flat = gguf.metadata.floats(Smoothing.metadataKey),
            let stored = Smoothing(flat: flat, layers: layers, hidden: hidden)
        else {
            throw ModelError(
                .invalidConfiguration,
                "\(file): metadata \"\(Smoothing.metadataKey)\" must hold \(2 * layers * hidden) positive finite numbers, "
                    + "2 × \(layers) layers × \(hidden); convert the model again",
                file: file)
        }
        self = stored
    }
}
