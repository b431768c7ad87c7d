internal import MartletSystem

/// How the logits of a text's tokens become its weights, as sentence-transformers' `SpladePooling` defines
/// it. Special tokens count.
package struct SpladePooling: Sendable, Hashable {
    package enum Strategy: String, Sendable, CaseIterable { case max, sum }
    package enum Activation: String, Sendable, CaseIterable {
        /// log(1 + max(x, 0))
        case relu
        /// log(1 + log(1 + max(x, 0)))
        case log1pReLU = "log1p_relu"
    }

    package var strategy: Strategy
    package var activation: Activation

    package init(strategy: Strategy = .max, activation: Activation = .relu) {
        self.strategy = strategy
        self.activation = activation
    }

    /// One token's logits into the text's, which begin at 0.
    @inline(__always)
    func add(_ logits: UnsafePointer<Float>, to pooled: UnsafeMutablePointer<Float>, count: Int) {
        if strategy == .max {
            // The activation rises, so that it is taken once, of the largest.
            for index in 0..<count {
                pooled[index] = logits[index] > pooled[index] ? logits[index] : pooled[index]
            }
        } else {
            for index in 0..<count where logits[index] > 0 { pooled[index] += weight(logits[index]) }
        }
    }

    @inline(__always)
    func finish(_ pooled: UnsafeMutablePointer<Float>, count: Int) {
        guard strategy == .max else { return }
        for index in 0..<count where pooled[index] > 0 { pooled[index] = weight(pooled[index]) }
    }

    private func weight(_ logit: Float) -> Float {
        activation == .relu ? log1pf(logit) : log1pf(log1pf(logit))
    }
}
