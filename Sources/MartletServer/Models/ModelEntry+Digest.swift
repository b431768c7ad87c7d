#if Server

internal import Martlet
internal import MartletSystem

extension ModelEntry {
    /// SHA-256 of what tells the model's files apart without reading them: their names, sizes and times.
    /// Ollama's clients compare and cut it; the digests of the contents are the model's identity.
    var digest: String {
        var facts = "\(name)\n"
        if let path {
            if FileStamp.isFolder(path) {
                for file in Self.files(in: path) { facts += Self.fact("\(path)/\(file)", file) }
            } else {
                facts += Self.fact(path, path)
            }
        }
        return Array(facts.utf8).withUnsafeBytes { SHA256.digest(of: $0) }
    }

    private static func fact(_ path: String, _ name: String) -> String {
        guard let stamp = FileStamp(path: path) else { return "\(name)\n" }
        return "\(name) \(stamp.size) \(stamp.modified)\n"
    }

    private static func files(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.first != "." { names.append(name) }
        }
        return names.sorted()
    }
}

#endif
