internal import CMartletKernels

/// The non-linear function after a matrix product.
package enum Activation: String, Sendable, CaseIterable {
    case identity, gelu, relu, silu, tanh
    case geluTanh = "gelu_new"
    case quickGELU = "quick_gelu"

    /// The function for a name as transformers' ACT2FN spells it, or nil for one that has no kernel.
    package init?(configured name: String) {
        switch name {
        case "gelu", "gelu_python": self = .gelu
        case "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_python_tanh", "gelu_accurate":
            self = .geluTanh
        case "quick_gelu": self = .quickGELU
        case "relu": self = .relu
        case "silu", "swish": self = .silu
        case "tanh": self = .tanh
        case "linear", "identity": self = .identity
        default: return nil
        }
    }

    var kernel: mk_activation {
        switch self {
        case .identity: MK_IDENTITY
        case .gelu: MK_GELU_ERF
        case .geluTanh: MK_GELU_TANH
        case .quickGELU: MK_QUICK_GELU
        case .relu: MK_RELU
        case .silu: MK_SILU
        case .tanh: MK_TANH
        }
    }
}
