internal import MartletCompute
internal import MartletJSON
internal import MartletModels
internal import MartletSystem
internal import MartletTokenizers

/// What a model runs on.
struct Hardware {
    let precision: ComputePrecision
    let kernels: Kernels
    let pool: WorkerPool
    /// Where packed weights are kept.
    var cache: PackedCache?
    var observer = LoadObserver.none

    func build(
        _ tokenizer: @autoclosure @escaping @Sendable () -> Tokenizer?, task: String? = nil,
        otherTensors: [String] = [], adapter: LowRankAdapter? = nil
    ) -> ArchitectureRegistry.Build {
        let backend = CPUBackend(
            precision: precision, kernels: kernels, pool: pool,
            calibration: tokenizer().map {
                Calibration(before: $0.specialTokens.before, after: $0.specialTokens.after)
            } ?? Calibration(),
            cache: cache, observer: observer)
        var build = ArchitectureRegistry.Build(backend, task: task, otherTensors: otherTensors)
        build.adapter = adapter
        return build
    }

    /// Reads a tokenizer while the weights are packed, where there are threads for both.
    func beside(_ read: @escaping @Sendable () throws(MartletError) -> Tokenizer) -> Concurrent<
        Tokenizer, MartletError
    > {
        Concurrent(onThread: pool.width > 1, read)
    }
}

extension ModelLoader {
    /// The kernels, threads and precision that the configuration asks for.
    func hardware() throws(MartletError) -> Hardware {
        let kernels = try chooseKernels()
        return Hardware(
            precision: configuration.precision.chosen(for: kernels), kernels: kernels,
            pool: try ComputeContext(configuration).pool,
            cache: try configuration.weightCache.packed, observer: observer)
    }

    /// The engine that runs a model.
    /// - Parameter contextTokens: Tokens that stand before every text.
    func engine(_ model: ModelParts, _ hardware: Hardware, contextTokens: Int = 0) throws(MartletError)
        -> Engine
    {
        let budget = configuration.maxBatchTokens ?? tokenBudget(model.encoder.shape, hardware.kernels)
        guard budget >= 1, budget <= 1 << 24 else {
            throw MartletError(.invalidOption, "batch tokens \(budget): expected 1 to \(1 << 24)")
        }
        let engine = Engine(model, pool: hardware.pool, maxBatchTokens: budget, contextTokens: contextTokens)
        guard AddressSpace.hasRoom(for: engine.workingMemoryLimit) else {
            throw MartletError(
                .io,
                "\(model.info.name): forward passes take up to \(engine.workingMemoryLimit >> 20) MiB, and the process may not use as many "
                    + "addresses; raise its limit of address space (ulimit -v), or use fewer threads or batch tokens"
            )
        }
        return engine
    }

    /// The asked-for instruction set, else that of `MARTLET_ISA`, else the best.
    private func chooseKernels() throws(MartletError) -> Kernels {
        let environment = getenv("MARTLET_ISA").map { String(cString: $0) }
        let name = configuration.instructionSet?.rawValue ?? environment.flatMap { $0.isEmpty ? nil : $0 }
        guard let kernels = Kernels(named: name) else {
            let origin = configuration.instructionSet == nil ? "MARTLET_ISA" : "instruction set"
            throw MartletError(
                .invalidOption,
                "\(origin) \((name ?? "").quotedForMessage) is not available here; this machine has \(Kernels.available.map(\.name).joined(separator: ", "))"
            )
        }
        return kernels
    }

    /// Rows enough for each pass over the weights, and few enough that they stay close to the cache; more where
    /// rows are narrow or no products are taken.
    private func tokenBudget(_ shape: EncoderShape, _ kernels: Kernels) -> Int {
        let block = kernels.rowBlock
        return shape.layers == 0 ? 1024 : min(1024, max(block, block * 384 / max(shape.hiddenSize, 1)))
    }
}

extension Precision {
    /// What `auto` stands for on this CPU: the fastest whose vectors stay within 0.998 cosine of f32 on real
    /// sentences.
    func chosen(for kernels: Kernels) -> ComputePrecision {
        switch self {
        case .f32: .f32
        case .bf16: .bf16
        case .int8: .int8
        case .int4: .int4
        case .auto: kernels.hasFastInt8 ? .int8 : .f32
        }
    }
}
