package import MartletJSON
internal import MartletSystem

/// The formats that weights are read from, told apart by their first bytes; a file's extension means nothing.
package enum WeightSources {
    private struct Format: Sendable {
        let matches: @Sendable (UnsafeRawBufferPointer) -> Bool
        let open: @Sendable (MappedFile) throws(WeightError) -> any WeightSource
    }

    private static let formats: [Format] = [
        Format(
            matches: { $0.starts(with: "GGUF".utf8) },
            open: { (file) throws(WeightError) in try GGUFFile(region: file.region, name: file.path) }),
        // Eight bytes of length, then the header's brace. A header over 100 MB is an error, so bytes 4 to 7
        // are 0.
        Format(
            matches: { $0.count > 8 && $0[4..<8].allSatisfy { $0 == 0 } && $0[8] == UInt8(ascii: "{") },
            open: { (file) throws(WeightError) in try SafetensorsFile(region: file.region, name: file.path) }),
        Format(
            matches: { $0.first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) } == UInt8(ascii: "{") },
            open: { (file) throws(WeightError) in try SafetensorsIndex(path: file.path) }),
        // A zip file: what torch.save writes.
        Format(
            matches: { $0.starts(with: [0x50, 0x4b, 0x03, 0x04]) },
            open: { (file) throws(WeightError) in try TorchFile(region: file.region, name: file.path) }),
        // ir_version, a small number, then another field of ModelProto: an ONNX model.
        Format(
            matches: {
                $0.count > 3 && $0[0] == 0x08 && (3...40).contains($0[1])
                    && [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42].contains($0[2])
            },
            open: { (file) throws(WeightError) in
                try ONNXFile(region: file.region, name: file.path, folder: ONNXFile.folder(of: file.path))
            }),
        Format(
            matches: { $0.starts(with: "<?xml".utf8) || $0.starts(with: "<net".utf8) },
            open: { (file) throws(WeightError) in try OpenVINOFile(path: file.path) }),
    ]

    /// Forms that are known but not read, with what to do about them.
    private static let hints: [(magic: [UInt8], hint: String)] = [
        (Array("version https://git-lfs".utf8), "is a Git LFS pointer, not the weights; run git lfs pull"),
        (
            Array("ggml".utf8),
            "is a GGML file, the form before GGUF; convert the model again with a current tool"
        ),
        (
            [0x80, 0x02],
            "is a Python pickle, as torch.save wrote it before PyTorch 1.6, which can run code when read; save the model as safetensors"
        ),
    ]

    /// Opens the weights of a folder, whose matrices may be stored as codes and scales.
    /// - Parameters:
    ///   - configuration: The folder's config.json, which says how.
    ///   - file: Its path, for messages.
    package static func open(path: String, configuration: JSONValue, file: String) throws(WeightError)
        -> any WeightSource
    {
        let quantisation = try Quantisation(configuration, file: file)
        return try QuantisedSource.reading(open(path: path), quantisation)
    }

    /// Opens the weights at `path`: a GGUF file, a safetensors file, the index of several, an ONNX model, one
    /// of OpenVINO, or what torch.save wrote.
    package static func open(path: String) throws(WeightError) -> any WeightSource {
        let file = try MappedFile.opened(path)
        let (format, head) = file.region.withUnsafeBytes { bytes in
            (formats.first { $0.matches(bytes) }, Array(bytes.prefix(32)))
        }
        if let format { return try format.open(file) }
        if let hint = hints.first(where: { head.starts(with: $0.magic) })?.hint {
            throw WeightError(.unsupported, "\(path) \(hint)", file: path)
        }
        throw WeightError(
            .unsupported,
            "\(path) is neither GGUF nor safetensors nor the index of safetensors files nor ONNX nor OpenVINO nor PyTorch's zip form (\(file.region.count) bytes)",
            file: path)
    }
}
