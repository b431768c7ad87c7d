internal import MartletJSON
package import MartletSystem

/// One safetensors file: a 64-bit header length, a JSON header, the data section
/// (https://huggingface.co/docs/safetensors). All is checked when the file is opened; tensors stay in the
/// mapping.
package struct SafetensorsFile: WeightSource {
    package let tensorNames: [String]
    package let unreadableTensors: [UnreadableTensor]
    /// The strings of `__metadata__`.
    package let metadata: [String: String]
    /// The file's path, or the name of the memory it was read from.
    package let location: String
    package let files: [MappedFile]
    private let tensors: [String: TensorView]
    /// Tensors of types that no weights have, by name.
    private let others: [String: RawTensor]

    package init(path: String) throws(WeightError) {
        let file = try MappedFile.opened(path)
        try self.init(region: file.region, name: path)
    }

    /// Reads weights that are in memory already. `name` stands for the file in messages.
    package init(region: MemoryRegion, name: String) throws(WeightError) {
        let header = try region.withUnsafeBytes { (bytes) throws(WeightError) -> SafetensorsHeader in
            try SafetensorsHeader(bytes, file: name)
        }
        var names: [String] = []
        var views: [String: TensorView] = [:]
        var unreadable: [UnreadableTensor] = []
        var others: [String: RawTensor] = [:]
        for entry in header.entries {
            guard let type = entry.elementType else {
                unreadable.append(UnreadableTensor(name: entry.name, type: entry.type, file: name))
                let bytes = region.subregion(
                    offset: header.dataOffset + entry.begin, count: entry.end - entry.begin)
                let raw = bytes.map {
                    RawTensor(name: entry.name, type: entry.type, shape: entry.shape, bytes: $0, file: name)
                }
                guard raw?.fitsItsShape == true else { throw Self.wrongLength(entry, name) }
                others[entry.name] = raw
                continue
            }
            let (length, start) = (entry.end - entry.begin, header.dataOffset + entry.begin)
            guard type.byteCount(shape: entry.shape) == length,
                let bytes = region.subregion(offset: start, count: length)
            else { throw Self.wrongLength(entry, name) }
            names.append(entry.name)
            views[entry.name] = TensorView(
                name: entry.name, type: type, shape: entry.shape, bytes: bytes, file: name)
        }
        tensorNames = names
        tensors = views
        unreadableTensors = unreadable
        self.others = others
        metadata = header.metadata
        location = name
        files = [region.file].compactMap { $0 }
    }

    private static func wrongLength(_ entry: SafetensorsHeader.Entry, _ file: String) -> WeightError {
        .malformed(
            file,
            "tensor \(entry.name.quotedForMessage) of type \(entry.type) and shape \(entry.shape) does not take the \(entry.end - entry.begin) bytes that the header gives it",
            tensor: entry.name)
    }

    package func tensor(named name: String) -> TensorView? { tensors[name] }
    package func raw(named name: String) -> RawTensor? { others[name] }
    package func unreadable(_ name: String) -> UnreadableTensor? {
        others[name].map { UnreadableTensor(name: $0.name, type: $0.type, file: $0.file) }
    }
}
