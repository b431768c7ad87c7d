internal import MartletCompute
internal import MartletModels
internal import MartletTokenizers
internal import MartletWeights

extension LexicalHead {
    /// The layer of a bge-m3 folder, for hidden states of `hidden` values.
    init(_ folder: ModelFolder, hiddenSize hidden: Int, _ kernels: Kernels) throws(MartletError) {
        let name = LexicalFiles.names.first(where: folder.contains) ?? LexicalFiles.names[0]
        let tensors = try HeadTensors(folder.path(of: name))
        let tokenizer = try TokenizerFiles.tokenizer(folder: folder)
        // What FlagEmbedding calls unused: cls, eos, pad and unk.
        let names = ["<s>", "</s>", "<pad>", "<unk>", "[CLS]", "[SEP]", "[PAD]", "[UNK]"]
        let specials = tokenizer.specialTokens
        let unused = Set(
            names.compactMap(tokenizer.id(of:)).map(Int32.init) + specials.before + specials.after)
        let weight = try wrapping { () throws(ModelError) in try tensors.floats("weight", [1, hidden]) }
        let bias = try wrapping { () throws(ModelError) in try tensors.floats("bias", [1]) }
        self.init(
            weight: weight, bias: bias[0], unused: unused, vocabularySize: tokenizer.vocabularySize,
            kernels: kernels)
    }
}

extension HeadTensors {
    /// A head's own file: safetensors, or torch's `.pt`.
    init(_ path: String) throws(MartletError) {
        let source = try wrapping { () throws(WeightError) -> any WeightSource in
            if path.hasSuffix(".pt") { try TorchFile(path: path) } else { try WeightSources.open(path: path) }
        }
        self.init(source, file: path)
    }
}
