#if Command

import MartletIndex
internal import MartletSystem

/// What is in a folder. Names that begin with a dot, and links, are left out.
enum FolderEntry {
    enum Kind { case folder, file, other }

    static func kind(_ path: String) -> Kind {
        var status = stat()
        guard stat(path, &status) == 0 else { return .other }
        if status.st_mode & S_IFMT == S_IFDIR { return .folder }
        return status.st_mode & S_IFMT == S_IFREG ? .file : .other
    }

    /// What the system says of a file, as fields: `size` in bytes, and `modified`, to the second.
    static func facts(_ path: String) -> [String: FieldValue] {
        var status = stat()
        guard stat(path, &status) == 0 else { return [:] }
        #if canImport(Darwin)
        let seconds = status.st_mtimespec.tv_sec
        #else
        let seconds = status.st_mtim.tv_sec
        #endif
        return ["size": .integer(Int(status.st_size)), "modified": .date(seconds * 1000)]
    }

    /// The regular files in a folder and in those below it, sorted. Collections are left out.
    static func files(under folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        closedir(stream)
        var files: [String] = []
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        for name in names.sorted() where !name.hasSuffix(".martlet") {
            let path = prefix + name
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR { files += self.files(under: path) }
            if status.st_mode & S_IFMT == S_IFREG { files.append(path) }
        }
        return files
    }
}

#endif
