internal import MartletJSON
package import MartletSystem

/// Weights in several safetensors files: `model.safetensors.index.json`, whose `weight_map` names the file of
/// each tensor.
package struct SafetensorsIndex: WeightSource {
    package let tensorNames: [String]
    package let unreadableTensors: [UnreadableTensor]
    /// The path of the index.
    package let location: String
    package let files: [MappedFile]
    private let tensors: [String: TensorView]
    private let others: [String: RawTensor]

    package init(path: String) throws(WeightError) {
        let map = try Self.weightMap(path)
        let folder = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[...$0]) } ?? ""
        var shards: [String: SafetensorsFile] = [:]
        var names: [String] = []
        var views: [String: TensorView] = [:]
        var unreadable: [UnreadableTensor] = []
        var others: [String: RawTensor] = [:]
        for (tensor, fileName) in map {
            // An index that comes from elsewhere must not reach out of its folder.
            guard !fileName.isEmpty, !fileName.utf8.contains(UInt8(ascii: "/")), !fileName.utf8.contains(0),
                fileName != "..",
                fileName != "."
            else {
                throw .malformed(
                    path,
                    "weight_map places \(tensor.quotedForMessage) in \(fileName.quotedForMessage), which is no file beside the index",
                    tensor: tensor)
            }
            let shard: SafetensorsFile
            if let open = shards[fileName] {
                shard = open
            } else {
                shard = try SafetensorsFile(path: folder + fileName)
                shards[fileName] = shard
            }
            if let view = shard.tensor(named: tensor) {
                guard views.updateValue(view, forKey: tensor) == nil else {
                    throw .malformed(
                        path, "weight_map lists \(tensor.quotedForMessage) twice", tensor: tensor)
                }
                names.append(tensor)
            } else if let found = shard.unreadableTensors.first(where: { $0.name == tensor }) {
                unreadable.append(found)
                others[tensor] = shard.raw(named: tensor)
            } else {
                throw .malformed(
                    path,
                    "weight_map places \(tensor.quotedForMessage) in \(shard.location), which has no such tensor",
                    tensor: tensor)
            }
        }
        tensorNames = names
        tensors = views
        unreadableTensors = unreadable
        self.others = others
        location = path
        files = shards.values.flatMap(\.files).sorted { $0.path < $1.path }
    }

    package func tensor(named name: String) -> TensorView? { tensors[name] }
    package func raw(named name: String) -> RawTensor? { others[name] }

    private static func weightMap(_ path: String) throws(WeightError) -> [(tensor: String, file: String)] {
        let file = try MappedFile.opened(path)
        let index = try file.region.withUnsafeBytes { (bytes) throws(WeightError) -> JSONValue in
            do throws(JSONError) {
                return try JSONValue.parse(bytes)
            } catch {
                throw .malformed(path, "not valid JSON: \(error.message)")
            }
        }
        guard let map = index["weight_map"]?.object else {
            throw .malformed(path, "an index of safetensors files must have an object \"weight_map\"")
        }
        var entries: [(tensor: String, file: String)] = []
        for member in map.members {
            guard let file = member.value.string else {
                throw .malformed(
                    path,
                    "weight_map gives \(member.value.kind) for \(member.key.quotedForMessage) where a file name belongs"
                )
            }
            entries.append((member.key, file))
        }
        return entries
    }
}
