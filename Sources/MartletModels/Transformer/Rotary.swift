internal import MartletSystem

/// Rotary positions (Su et al. 2021): the angle at position 1 of each pair of dimensions, and how longer
/// texts change it.
package struct Rotary: Sendable, Equatable {
    package var frequencies: [Float]
    /// Multiplies every cosine and sine.
    package var factor: Float = 1
    package var growth: Growth?
    /// Positions before it are not turned; those from it on are turned by their whole number.
    package var start = 0

    /// Texts beyond the length that a model was trained for get a larger base, by their own length (dynamic
    /// NTK).
    package struct Growth: Sendable, Equatable {
        package var trained: Int
        package var factor: Double
        package var base: Double
    }

    package init(base: Double, dimensions: Int) {
        frequencies = stride(from: 0, to: dimensions, by: 2).map {
            1 / Float(pow(base, Double(Float($0) / Float(dimensions))))
        }
    }

    /// The angles for a text of `length` tokens.
    func frequencies(length: Int) -> [Float] {
        guard let growth, length > growth.trained else { return frequencies }
        let dimensions = 2 * frequencies.count
        let stretch = growth.factor * Double(length) / Double(growth.trained) - (growth.factor - 1)
        return Rotary(
            base: growth.base * pow(stretch, Double(dimensions) / Double(dimensions - 2)),
            dimensions: dimensions
        ).frequencies
    }

    /// All positions closer together by `factor`.
    mutating func interpolate(_ factor: Double) { frequencies = frequencies.map { $0 / Float(factor) } }

    /// A larger base, with a correction that turns the lowest frequency into the interpolated one. Source:
    /// https://kexue.fm/archives/9706
    mutating func scaleNTK(base: Double, factor: Double) {
        let dimensions = 2 * frequencies.count
        self = Rotary(base: base * factor, dimensions: dimensions)
        interpolate(pow(factor, 2 / Double(dimensions)))
    }

    /// Low frequencies interpolated, high ones as they were, and a ramp between (Peng et al. 2023).
    mutating func scaleYaRN(
        base: Double, factor: Double, trained: Int, fast: Double, slow: Double, truncates: Bool
    ) {
        let pairs = frequencies.count
        func pair(_ rotations: Double) -> Double {
            Double(2 * pairs) * log(Double(trained) / (rotations * 2 * .pi)) / (2 * log(base))
        }
        let low = max(truncates ? pair(fast).rounded(.down) : pair(fast), 0)
        var high = min(truncates ? pair(slow).rounded(.up) : pair(slow), Double(2 * pairs - 1))
        if low == high { high += 0.001 }
        for index in 0..<pairs {
            let ramp = Float(min(max((Double(index) - low) / (high - low), 0), 1))
            frequencies[index] = frequencies[index] / Float(factor) * ramp + frequencies[index] * (1 - ramp)
        }
    }

    /// The same with wavelengths for the ramp's ends. Source: transformers' `llama3` rope type.
    mutating func scaleLlama3(factor: Double, low: Double, high: Double, trained: Int) {
        frequencies = frequencies.map { frequency in
            let wavelength = 2 * .pi / Double(frequency)
            if wavelength < Double(trained) / high { return frequency }
            if wavelength > Double(trained) / low { return frequency / Float(factor) }
            let smooth = Float((Double(trained) / wavelength - low) / (high - low))
            return (1 - smooth) * frequency / Float(factor) + smooth * frequency
        }
    }
}
