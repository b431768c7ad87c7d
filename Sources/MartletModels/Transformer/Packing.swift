internal import MartletCompute

/// How the matrices of a model are packed, and into which memory.
struct Packing: Sendable {
    let precision: ComputePrecision
    let kernels: Kernels
    var memory = WeightMemory()

    /// The same memory in f32, for what must not be rounded.
    var f32: Packing { Packing(precision: .f32, kernels: kernels, memory: memory) }
}
