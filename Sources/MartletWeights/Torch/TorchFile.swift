internal import MartletJSON
package import MartletSystem

/// One `state_dict` as `torch.save` writes it since PyTorch 1.6: a zip file with a pickle of names and a
/// member for each storage.
///
/// The pickle is read as data; a file that asks for code to be run is refused.
package struct TorchFile: WeightSource {
    package let tensorNames: [String]
    package let unreadableTensors: [UnreadableTensor]
    package let location: String
    package let files: [MappedFile]
    private let tensors: [String: TensorView]

    package init(path: String) throws(WeightError) {
        let file = try MappedFile.opened(path)
        try self.init(region: file.region, name: path)
    }

    /// Reads weights that are in memory already. `name` stands for the file in messages.
    package init(region: MemoryRegion, name: String) throws(WeightError) {
        let isZip = region.withUnsafeBytes { $0.starts(with: [0x50, 0x4b, 0x03, 0x04]) }
        guard isZip else {
            throw WeightError(
                .unsupported,
                "\(name): no zip file; torch.save wrote it before PyTorch 1.6; save the weights as safetensors",
                file: name)
        }
        let members = try StoredZip(region, file: name).members
        // All lie in one folder, which has the name of the file that was written.
        let pickles = members.filter {
            $0.key.hasSuffix("/data.pkl") && $0.key.split(separator: "/").count == 2
        }
        guard pickles.count == 1, let pickle = pickles.first else {
            let found = pickles.isEmpty ? "no" : "more than one"
            throw .malformed(name, "the zip file has \(found) member data.pkl: it is no file of torch.save")
        }
        let prefix = pickle.key.dropLast("data.pkl".count)
        if let order = members[prefix + "byteorder"],
            order.withUnsafeBytes({ !$0.elementsEqual("little".utf8) })
        {
            throw WeightError(.unsupported, "\(name): the weights are not in little-endian order", file: name)
        }
        let entries = try pickle.value.withUnsafeBytes { (bytes) throws(WeightError) in
            try StatePickle.tensors(bytes, file: name)
        }
        var names: [String] = []
        var views: [String: TensorView] = [:]
        var unreadable: [UnreadableTensor] = []
        for (title, tensor) in entries {
            guard let type = Self.types[tensor.storage.type] else {
                unreadable.append(UnreadableTensor(name: title, type: tensor.storage.type, file: name))
                continue
            }
            func broken(_ reason: String) -> WeightError {
                .malformed(name, "tensor \(title.quotedForMessage) \(reason)", tensor: title)
            }
            guard let count = ElementType.elementCount(tensor.shape),
                tensor.strides == Self.rowMajor(tensor.shape) || count <= 1
            else {
                throw broken(
                    "of shape \(tensor.shape) does not lie row after row; save the weights as safetensors")
            }
            let size = type.blockBytes
            guard let storage = members[prefix + "data/" + tensor.storage.key], tensor.offset >= 0,
                tensor.offset <= storage.count / size,
                count <= storage.count / size - tensor.offset,
                let bytes = storage.subregion(offset: tensor.offset * size, count: count * size)
            else { throw broken("does not lie inside its storage \(tensor.storage.key.quotedForMessage)") }
            guard
                views.updateValue(
                    TensorView(name: title, type: type, shape: tensor.shape, bytes: bytes, file: name),
                    forKey: title) == nil
            else { throw broken("comes twice") }
            names.append(title)
        }
        tensorNames = names
        tensors = views
        unreadableTensors = unreadable
        location = name
        files = [region.file].compactMap { $0 }
    }

    package func tensor(named name: String) -> TensorView? { tensors[name] }

    private static let types: [String: ElementType] = [
        "FloatStorage": .f32, "HalfStorage": .f16, "BFloat16Storage": .bf16,
    ]

    /// The strides of a tensor without gaps; its sizes must not overflow.
    private static func rowMajor(_ shape: [Int]) -> [Int] {
        var strides: [Int] = []
        var step = 1
        for size in shape.reversed() {
            strides.append(step)
            step *= max(size, 1)
        }
        return strides.reversed()
    }
}
