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
        var seen: Set<String> = []
        for (title, entry) in entries {
            func broken(_ reason: String) -> WeightError {
                .malformed(name, "tensor \(title.quotedForMessage) \(reason)", tensor: title)
            }
            guard seen.insert(title).inserted else { throw broken("comes twice") }
            func refuse(_ kind: String) {
                unreadable.append(UnreadableTensor(name: title, type: kind, file: name))
            }
            guard case .tensor(let tensor) = entry else {
                if case .other(let kind) = entry { refuse(kind) }
                continue
            }
            guard let type = Self.types[tensor.type] else {
                refuse(tensor.type)
                continue
            }
            let size = type.blockBytes
            guard let count = ElementType.elementCount(tensor.shape),
                let storage = members[prefix + "data/" + tensor.storage.key], tensor.offset >= 0,
                let span = Self.span(tensor), span <= storage.count / size,
                tensor.offset <= storage.count / size - span
            else { throw broken("does not lie inside its storage \(tensor.storage.key.quotedForMessage)") }
            guard let bytes = storage.subregion(offset: tensor.offset * size, count: span * size) else {
                throw broken("does not lie inside its storage \(tensor.storage.key.quotedForMessage)")
            }
            if Self.isRowMajor(tensor) {
                views[title] = TensorView(
                    name: title, type: type, shape: tensor.shape, bytes: bytes, file: name)
            } else if count <= span {
                views[title] = TensorView(
                    name: title, type: type, shape: tensor.shape, bytes: bytes, file: name,
                    decoder: StridedRows(
                        elements: bytes, type: type, shape: tensor.shape, strides: tensor.strides))
            } else {
                // Nothing bounds how many elements repeat one.
                refuse("\(tensor.type) that repeats elements (strides \(tensor.strides))")
                continue
            }
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
        "float32": .f32, "float16": .f16, "bfloat16": .bf16, "float64": .f64, "float8_e4m3fn": .f8_e4m3,
        "float8_e5m2": .f8_e5m2,
    ]

    /// The elements of the storage from the tensor's first to its last; nil: strides are negative, or the
    /// count overflows.
    private static func span(_ tensor: StatePickle.Tensor) -> Int? {
        if tensor.shape.contains(0) { return 0 }
        var last = 0
        for (size, stride) in zip(tensor.shape, tensor.strides) {
            let (step, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
            guard stride >= 0, !overflow else { return nil }
            let (sum, isOver) = last.addingReportingOverflow(step)
            guard !isOver else { return nil }
            last = sum
        }
        return last.addingReportingOverflow(1).overflow ? nil : last + 1
    }

    /// Whether the elements are stored row after row without gaps. The stride of a dimension of one element
    /// leads nowhere.
    private static func isRowMajor(_ tensor: StatePickle.Tensor) -> Bool {
        if tensor.shape.contains(0) { return true }
        var step = 1
        for (size, stride) in zip(tensor.shape, tensor.strides).reversed() where size != 1 {
            guard stride == step else { return false }
            let (next, overflow) = step.multipliedReportingOverflow(by: size)
            guard !overflow else { return false }
            step = next
        }
        return true
    }
}
