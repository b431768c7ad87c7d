internal import MartletCompute

/// The largest magnitude that each channel has had.
final class ChannelMaxima {
    private let values: AlignedBuffer<Float>

    init(channels: Int) { values = AlignedBuffer(count: channels) }

    /// Takes in `count` rows, `stride` values apart. NaN counts for nothing.
    func take(_ rows: UnsafePointer<Float>, count: Int, stride: Int) {
        let (largest, channels) = (values.pointer, values.count)
        for row in 0..<count {
            let x = rows + row * stride
            for channel in 0..<channels {
                let magnitude = x[channel].magnitude
                largest[channel] = magnitude > largest[channel] ? magnitude : largest[channel]
            }
        }
    }

    /// [channels]
    var floats: [Float] { Array(values.buffer) }
}
