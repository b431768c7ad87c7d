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
    /// - Parameter onSkip: Is told of each name that is not UTF-8.
    /// - Throws: If a folder cannot be read: what is in it must not count as gone.
    static func files(under folder: String, onSkip: (String) -> Void) throws(CommandError) -> [String] {
        guard let stream = opendir(folder) else { throw unreadable(folder) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                let bytes = bytes.prefix { $0 != 0 }
                let name = String(validating: bytes, as: UTF8.self)
                if name == nil {
                    onSkip(
                        "\(folder)/\(String(decoding: bytes, as: UTF8.self)): a name that is not UTF-8; rename it"
                    )
                }
                return name
            }
            if let name, !name.hasPrefix(".") { names.append(name) }
        }
        closedir(stream)
        var files: [String] = []
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        for name in names.sorted() where !name.hasSuffix(".martlet") {
            let path = prefix + name
            var status = stat()
            guard lstat(path, &status) == 0 else {
                if errno == ENOENT { continue }
                throw unreadable(path)
            }
            if status.st_mode & S_IFMT == S_IFDIR { files += try self.files(under: path, onSkip: onSkip) }
            if status.st_mode & S_IFMT == S_IFREG { files.append(path) }
        }
        return files
    }

    private static func unreadable(_ path: String) -> CommandError {
        CommandError("\(path): cannot be read: \(String(cString: strerror(errno)))")
    }
}

#endif
