package import MartletSystem

/// A GGUF file, version 2 or 3: typed metadata and named tensors (ggml/docs/gguf.md).
///
/// Layout: "GGUF", u32 version, u64 tensors, u64 metadata values; the values; for each tensor its name,
/// dimensions (innermost first), type and offset; padding; the data section. All is checked when the file is
/// opened; tensors stay in the mapping.
package struct GGUFFile: WeightSource {
    package let metadata: GGUFMetadata
    package let version: Int
    package let tensorNames: [String]
    package let unreadableTensors: [UnreadableTensor]
    /// The file's path, or the name of the memory it was read from.
    package let location: String
    package let files: [MappedFile]
    private let tensors: [String: TensorView]

    package init(path: String) throws(WeightError) {
        let file = try MappedFile.opened(path)
        try self.init(region: file.region, name: path)
    }

    /// Reads a model that is in memory already. `name` stands for the file in messages.
    package init(region: MemoryRegion, name: String) throws(WeightError) {
        let parsed = try region.withUnsafeBytes { (bytes) throws(WeightError) -> GGUFHeader in
            try GGUFHeader(bytes, region: region, file: name)
        }
        if let parts = parsed.metadata.int("split.count"), parts > 1 {
            throw WeightError(
                .unsupported,
                "\(name): this is one of \(parts) parts of a split GGUF file; merge them with llama-gguf-split --merge",
                file: name)
        }
        metadata = parsed.metadata
        version = parsed.version
        location = name
        files = [region.file].compactMap { $0 }
        let placed = try parsed.placeTensors(in: region, file: name)
        tensors = placed.views
        tensorNames = placed.names
        unreadableTensors = placed.unreadable
    }

    package func tensor(named name: String) -> TensorView? { tensors[name] }
}
