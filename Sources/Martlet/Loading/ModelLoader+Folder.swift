internal import MartletCompute

extension ModelLoader {
    /// The weight file of a folder: safetensors, else what torch.save wrote, else a plain export.
    static func weights(in folder: ModelFolder) throws(MartletError) -> String {
        let names = ["model.safetensors", "model.safetensors.index.json"]
        let exports = ["model.onnx", "onnx/model.onnx", "model_optimized.onnx"]
        if let name = names.first(where: folder.contains) { return folder.path(of: name) }
        // Before PyTorch 1.6 it was a pickle and no zip file, which is not read.
        let torch = "pytorch_model.bin"
        let isZip = try folder.map(torch)?.region.withUnsafeBytes { $0.starts(with: "PK".utf8) }
        if isZip == true { return folder.path(of: torch) }
        if let name = exports.first(where: folder.contains) { return folder.path(of: name) }
        if isZip != nil { return folder.path(of: torch) }
        throw MartletError(
            .missingFile, "\(folder.path) has none of \((names + [torch] + exports).joined(separator: ", "))", file: folder.path)
    }

    /// A folder without modules, as an ONNX export often is, does not say how to pool; what is published of the model does.
    func description(of folder: ModelFolder, _ published: PublishedFacts?) throws(MartletError) -> PipelineDescription {
        guard configuration.pooling == .native, let facts = published, let pooling = facts.pooling, !folder.contains("modules.json") else {
            return try PipelineDescription(folder: folder, pooling: configuration.pooling)
        }
        var description = try PipelineDescription(folder: folder, pooling: pooling)
        if description.tokens == nil {
            description.notes.append(
                "the files do not say how token vectors become one; \(pooling.rawValue) is the published pooling of \(facts.name)")
        }
        return description
    }
}
