internal import MartletSystem

/// Cosine and sine of the angle by which each pair of dimensions is turned at each position.
package final class RotaryAngles {
    /// Dimensions of a head that are turned: two for each frequency.
    package let dimensions: Int
    /// [positions, dimensions / 2]
    let cosine: AlignedBuffer<Float>
    let sine: AlignedBuffer<Float>

    package init(positions: Int, pairs: Int) {
        dimensions = 2 * pairs
        cosine = AlignedBuffer(count: positions * pairs)
        sine = AlignedBuffer(count: positions * pairs)
    }

    /// Sets the first positions.
    /// - Parameters:
    ///   - frequencies: The angle of each pair at position 1.
    ///   - factor: Multiplies every cosine and sine.
    ///   - start: Positions before it are not turned.
    package func fill(positions: Int, frequencies: [Float], factor: Float, start: Int = 0) {
        let pairs = dimensions / 2
        let unturned = min(start, positions) * pairs
        cosine.pointer.update(repeating: 1, count: unturned)
        sine.pointer.update(repeating: 0, count: unturned)
        for position in min(start, positions)..<positions {
            for pair in 0..<pairs {
                // The product is rounded to f32, as the models were trained with.
                let angle = Double(Float(position) * frequencies[pair])
                cosine.pointer[position * pairs + pair] = Float(cos(angle)) * factor
                sine.pointer[position * pairs + pair] = Float(sin(angle)) * factor
            }
        }
    }

    package var bytes: Int { cosine.bytes + sine.bytes }
    /// What `bytes` of such angles would be.
    package static func bytes(positions: Int, pairs: Int) -> Int {
        2 * AlignedBuffer<Float>.bytes(count: positions * pairs)
    }
}
