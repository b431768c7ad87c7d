package import MartletCompute

/// Encoders on the CPU, in one precision.
package struct CPUBackend: ComputeBackend {
    package let precision: ComputePrecision
    package let kernels: Kernels
    package let pool: WorkerPool
    /// Asked for where scales must be measured.
    package let calibration: @Sendable () -> Calibration
    /// Where packed matrices are kept for the next time; nil: nowhere.
    package let cache: PackedCache?
    package let observer: LoadObserver

    package init(
        precision: ComputePrecision, kernels: Kernels, pool: WorkerPool,
        calibration: @autoclosure @escaping @Sendable () -> Calibration, cache: PackedCache? = nil,
        observer: LoadObserver = .none
    ) {
        self.precision = precision
        self.kernels = kernels
        self.pool = pool
        self.calibration = calibration
        self.cache = cache
        self.observer = observer
    }

    package var device: String { "cpu" }

    package func encoder(
        _ description: TransformerDescription, _ checkpoint: Checkpoint, smoothing: Smoothing?
    ) throws(ModelError) -> any Encoder {
        try Transformer(description, checkpoint, self, smoothing: smoothing)
    }
}
