/// The names of the files in a model folder, in the order in which they are preferred: what loads a model,
/// what fetches one and what tells whether one is whole choose alike.
package enum ModelFileNames {
    package static let tokenizer = "tokenizer.json"
    package static let sentencePiece = ["sentencepiece.bpe.model", "spiece.model", "tokenizer.model"]
    /// The pieces of a class that splits words itself: DeBERTa v2 and v3.
    package static let pieces = "spm.model"
    package static let vocabulary = "vocab.txt"
    /// Byte-level BPE; both files are needed.
    package static let bytePairs = (vocabulary: "vocab.json", merges: "merges.txt")
    package static let tokenizers = [tokenizer] + sentencePiece + [pieces, bytePairs.vocabulary, vocabulary]

    package static let safetensors = "model.safetensors"
    package static let safetensorsIndex = "model.safetensors.index.json"
    /// What torch.save wrote.
    package static let torch = "pytorch_model.bin"
    /// Exports in 32-bit floats, one of fastembed's, which may be fused, and those with matrices of 8 bits.
    package static let exports = [
        "model.onnx", "onnx/model.onnx", "model_optimized.onnx", "model_quantized.onnx",
        "onnx/model_quantized.onnx",
    ]
    /// Models of OpenVINO, whose numbers are in a file of the same name that ends in .bin.
    package static let openVINO = ["openvino_model.xml", "openvino/openvino_model.xml"]
    package static let weights = [safetensors, safetensorsIndex, torch] + exports + openVINO

    /// The file that a folder's weights are opened by: safetensors, else what torch.save wrote, else an
    /// export. Before PyTorch 1.6 torch.save wrote a pickle and no zip file, which is not read: an export
    /// goes before it.
    /// - Parameters:
    ///   - holds: Whether the folder has a file of that name.
    ///   - isZip: Whether `torch` is a zip file; asked only where it matters.
    package static func weights<E: Error>(_ holds: (String) -> Bool, isZip: () throws(E) -> Bool) throws(E)
        -> String?
    {
        if let name = [safetensors, safetensorsIndex].first(where: holds) { return name }
        let export = (exports + openVINO).first(where: holds)
        guard holds(torch) else { return export }
        guard let export else { return torch }
        return try isZip() ? torch : export
    }

    /// Whether a file that begins so is a zip file.
    package static func isZip(_ beginning: some Sequence<UInt8>) -> Bool { beginning.starts(with: "PK".utf8) }
}
