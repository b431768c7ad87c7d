internal import MartletModels

/// How far loading a model has come.
public enum LoadProgress: Sendable, Hashable {
    /// The files that describe the model are read.
    case readingConfiguration
    /// The scales of int8 are measured: layers done, of all.
    case measuring(done: Int, all: Int)
    /// Weights are packed for the CPU's instructions: matrices done, of all.
    case packing(done: Int, all: Int)
    /// The model is ready.
    case loaded

    init(_ step: LoadStep) {
        switch step {
        case .measuring(let done, let all): self = .measuring(done: done, all: all)
        case .packing(let done, let all): self = .packing(done: done, all: all)
        }
    }
}
