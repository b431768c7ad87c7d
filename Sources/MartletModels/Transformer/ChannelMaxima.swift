internal import MartletCompute

/// The largest magnitude that each channel has had at each point: [points, channels].
struct ChannelMaxima: ~Copyable {
    private let channels: Int
    private let values: AlignedBuffer<Float>

    init(points: Int, channels: Int) {
        self.channels = channels
        values = AlignedBuffer(count: points * channels)
    }

    /// Takes in `count` rows, `stride` values apart. What is no number counts for nothing.
    func take(_ rows: UnsafePointer<Float>, count: Int, stride: Int, at point: Int = 0) {
        let largest = values.pointer + point * channels
        for row in 0..<count {
            let x = rows + row * stride
            for channel in 0..<channels {
                let magnitude = x[channel].magnitude
                largest[channel] = magnitude > largest[channel] ? magnitude : largest[channel]
            }
        }
    }

    /// [points][channels]
    var rows: [[Float]] {
        (0..<values.count / max(channels, 1)).map { Array(values.buffer[$0 * channels..<($0 + 1) * channels]) }
    }
}
