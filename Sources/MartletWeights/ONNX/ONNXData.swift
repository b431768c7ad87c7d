internal import MartletJSON
internal import MartletSystem

/// Where the bytes of an ONNX model's tensors lie: in the model file, or in files beside it.
struct ONNXData {
    let region: MemoryRegion
    let file: String
    let folder: String?
    private var others: [String: MappedFile] = [:]

    init(region: MemoryRegion, file: String, folder: String?) {
        (self.region, self.file, self.folder) = (region, file, folder)
    }

    /// The model file and those next to it, as far as they were opened.
    var files: [MappedFile] { [region.file].compactMap { $0 } + others.values.sorted { $0.path < $1.path } }

    mutating func view(of constant: ONNXGraph.Constant, _ type: ElementType) throws(WeightError) -> TensorView
    {
        let name = constant.name
        guard let size = type.byteCount(shape: constant.shape) else {
            throw .malformed(
                file, "tensor \(name.quotedForMessage) has the impossible shape \(constant.shape)",
                tensor: name)
        }
        var found: MemoryRegion?
        var place = file
        switch constant.content {
        case .inside(let range):
            found = range.count == size ? region.subregion(offset: range.lowerBound, count: size) : nil
        case .outside(let other, let offset, let count):
            let mapped = try open(other, for: name)
            place = mapped.path
            found = count ?? size == size ? mapped.region.subregion(offset: offset, count: size) : nil
        case .none, .scattered: found = size == 0 ? region.subregion(offset: 0, count: 0) : nil
        }
        guard let bytes = found else {
            throw .malformed(
                place,
                "tensor \(name.quotedForMessage) of shape \(constant.shape) needs \(size) bytes, which is not what the file has for it",
                tensor: name)
        }
        return TensorView(name: name, type: type, shape: constant.shape, bytes: bytes, file: place)
    }

    /// A model that comes from elsewhere must not reach out of its folder.
    private mutating func open(_ name: String, for tensor: String) throws(WeightError) -> MappedFile {
        if let open = others[name] { return open }
        guard let folder else {
            throw WeightError(
                .unsupported,
                "\(file): tensor \(tensor.quotedForMessage) lies in another file, which a model in memory has not",
                file: file, tensor: tensor)
        }
        let separators = [UInt8(ascii: "/"), UInt8(ascii: "\\"), 0]
        guard !name.isEmpty, !name.utf8.contains(where: separators.contains), name != "..", name != "." else {
            throw .malformed(
                file,
                "tensor \(tensor.quotedForMessage) lies in \(name.quotedForMessage), which is no file beside the model",
                tensor: tensor)
        }
        let opened = try MappedFile.opened(folder + name)
        others[name] = opened
        return opened
    }
}
