package import MartletCompute
package import MartletJSON
package import MartletWeights

/// Every architecture that can be built, by the names that files give it. To add one is to add a row.
package enum ArchitectureRegistry {
    package struct Row: Sendable {
        /// `model_type` in config.json
        let modelTypes: [String]
        /// `general.architecture` in GGUF metadata
        let ggufNames: [String]
        let fromFolder:
            @Sendable (JSONValue, any WeightSource, _ configurationFile: String, _ weightFile: String, Build) throws(ModelError) ->
                any Encoder
        let fromGGUF: @Sendable (GGUFFile, _ file: String, Build) throws(ModelError) -> any Encoder
    }

    /// What an encoder is built for.
    package struct Build: Sendable {
        package let precision: ComputePrecision
        package let kernels: Kernels
        package let pool: WorkerPool
        package let calibration: Calibration

        package init(precision: ComputePrecision, kernels: Kernels, pool: WorkerPool, calibration: Calibration) {
            self.precision = precision
            self.kernels = kernels
            self.pool = pool
            self.calibration = calibration
        }
    }

    private static let rows: [Row] = [
        Row(
            modelTypes: ["bert"], ggufNames: ["bert"],
            fromFolder: { (json, source, file, weights, build) throws(ModelError) in
                try Bert(
                    BertConfiguration(json: json, file: file), BertTensors(source, file: weights), precision: build.precision,
                    kernels: build.kernels, pool: build.pool, calibration: build.calibration)
            },
            fromGGUF: { (gguf, file, build) throws(ModelError) in
                let configuration = try BertConfiguration(gguf: gguf, file: file)
                let smoothing = try Smoothing(gguf: gguf, layers: configuration.layers, hidden: configuration.hiddenSize, file: file)
                return try Bert(
                    configuration, BertTensors(gguf, file: file), precision: build.precision, kernels: build.kernels, pool: build.pool,
                    smoothing: smoothing, calibration: build.calibration)
            })
    ]

    /// The encoder of a transformers folder: `configuration` is its config.json.
    package static func encoder(
        configuration: JSONValue, file: String, weights: any WeightSource, weightFile: String, _ build: Build
    ) throws(ModelError) -> any Encoder {
        guard let type = configuration["model_type"]?.string else {
            throw ModelError(.invalidConfiguration, "\(file) has no \"model_type\", which says what the model is", file: file)
        }
        guard let row = rows.first(where: { $0.modelTypes.contains(type) }) else {
            throw ModelError(
                .unsupported, "\(file): model_type \(type.quotedForMessage) is not supported; \(list(rows.flatMap(\.modelTypes))) is",
                file: file)
        }
        return try row.fromFolder(configuration, weights, file, weightFile, build)
    }

    /// The encoder of a GGUF file.
    package static func encoder(gguf: GGUFFile, file: String, _ build: Build) throws(ModelError) -> any Encoder {
        guard let name = gguf.metadata.string("general.architecture") else {
            throw ModelError(.invalidConfiguration, "\(file) has no general.architecture in its metadata", file: file)
        }
        guard let row = rows.first(where: { $0.ggufNames.contains(name) }) else {
            throw ModelError(
                .unsupported, "\(file): architecture \(name.quotedForMessage) is not supported; \(list(rows.flatMap(\.ggufNames))) is",
                file: file)
        }
        return try row.fromGGUF(gguf, file, build)
    }

    private static func list(_ names: [String]) -> String { names.map { "\"\($0)\"" }.joined(separator: ", ") }
}
