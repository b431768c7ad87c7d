internal import MartletSystem

/// The activation of a `Dense` module. `config.json` names a class of PyTorch, such as
/// `torch.nn.modules.activation.Tanh`.
package enum DenseActivation: String, Sendable, CaseIterable {
    case identity, tanh, relu, gelu, sigmoid, silu

    /// Nil for any class that is not implemented; classes outside PyTorch are code that is not run here.
    init?(className: String) {
        guard className.hasPrefix("torch.nn.") else { return nil }
        switch className.split(separator: ".").last {
        case "Identity": self = .identity
        case "Tanh": self = .tanh
        case "ReLU": self = .relu
        case "GELU": self = .gelu
        case "Sigmoid": self = .sigmoid
        case "SiLU": self = .silu
        default: return nil
        }
    }

    func applied(_ values: [Float]) -> [Float] {
        var values = values
        values.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { apply(base, $0.count) } }
        return values
    }

    /// eˣ over the sum of all, from the largest down so that nothing overflows.
    static func softmax(_ values: [Float]) -> [Float] {
        let largest = values.max() ?? 0
        let powers = values.map { expf($0 - largest) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }

    func apply(_ row: UnsafeMutablePointer<Float>, _ count: Int) {
        switch self {
        case .identity: break
        case .tanh: for index in 0..<count { row[index] = tanhf(row[index]) }
        case .relu: for index in 0..<count where row[index] < 0 { row[index] = 0 }
        case .gelu:
            for index in 0..<count { row[index] = 0.5 * row[index] * (1 + erff(row[index] * 0.70710678)) }
        case .sigmoid: for index in 0..<count { row[index] = 1 / (1 + expf(-row[index])) }
        case .silu: for index in 0..<count { row[index] /= 1 + expf(-row[index]) }
        }
    }
}
