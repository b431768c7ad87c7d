internal import MartletCompute

/// What this machine offers for the forward pass, and which kernels do each part of it.
///
/// The kernels of a model that was loaded with an ``ModelConfiguration/instructionSet`` are those of that set
/// alone.
public struct HardwareInfo: Sendable, Hashable {
    /// An operation whose kernels are chosen by themselves.
    public struct Operation: Sendable, Hashable {
        /// Such as "int8 products".
        public var name: String
        /// The kernels that do it: the fastest that the CPU and the operating system offer the instructions
        /// for and that compute right.
        public var kernels: String
        /// Faster kernels that are not used, fastest first.
        public var passedOver: [PassedOver]
    }

    /// Kernels that are not used for an operation.
    public struct PassedOver: Sendable, Hashable {
        /// The set of kernels that computes it, such as `avx512vnni`.
        public var kernels: String
        /// What they need and the CPU, or the operating system, does not offer.
        public var lacks: [String]
        /// Whether they gave wrong results on this machine when the process started.
        public var disagrees: Bool
    }

    /// "x86_64", "arm64" or "other".
    public var architecture: String
    /// The instructions that some kernels need and that this machine has.
    public var features: [String]
    /// The instructions that some kernels need and that this machine lacks.
    public var missingFeatures: [String]
    /// What computes each operation here.
    public var operations: [Operation]
    /// The sets of kernels that can be chosen here, fastest first.
    public var instructionSets: [InstructionSet]
    /// What ``Precision/auto`` stands for.
    public var automaticPrecision: Precision
    /// Threads of a model that is loaded without a number of them.
    public var threads: Int

    /// This machine. The first call, here or by a model that is loaded, checks the kernels, which takes about
    /// 0.2 ms.
    public static var current: HardwareInfo {
        let choice = KernelChoice.current
        return HardwareInfo(
            architecture: architectureName, features: choice.features,
            missingFeatures: choice.missingFeatures,
            operations: choice.operations.map { operation in
                Operation(
                    name: operation.name, kernels: operation.kernels,
                    passedOver: operation.passedOver.map {
                        PassedOver(kernels: $0.kernels, lacks: $0.lacks, disagrees: $0.disagrees)
                    })
            },
            instructionSets: Kernels.available.compactMap { InstructionSet(rawValue: $0.name) },
            automaticPrecision: Precision(rawValue: Precision.auto.chosen(for: .best).rawValue) ?? .f32,
            threads: WorkerPool.usableCores())
    }

    private static var architectureName: String {
        #if arch(x86_64)
        "x86_64"
        #elseif arch(arm64)
        "arm64"
        #else
        "other"
        #endif
    }
}
