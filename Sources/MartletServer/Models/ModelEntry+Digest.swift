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
                // The facts of a folder that cannot be read are its name.
                let files = ((try? Folder.names(in: path)) ?? []).filter { $0.first != "." }
                for file in files { facts += Self.fact("\(path)/\(file)", file) }
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
}

#endif
