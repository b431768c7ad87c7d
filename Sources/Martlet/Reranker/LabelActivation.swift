/// What the numbers of several labels go through.
package enum LabelActivation: Sendable, Equatable {
    /// One label of many: the scores add up to 1.
    case softmax
    /// Each number by itself, as where a text may have several labels.
    case each(DenseActivation)

    package func applied(_ values: [Float]) -> [Float] {
        switch self {
        case .softmax: DenseActivation.softmax(values)
        case .each(let activation): activation.applied(values)
        }
    }

    var name: String {
        switch self {
        case .softmax: "softmax"
        case .each(let activation): activation.rawValue
        }
    }
}
