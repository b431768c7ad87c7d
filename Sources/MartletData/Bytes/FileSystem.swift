internal import MartletSystem

/// What this module asks the operating system.
enum FileSystem {
    /// The size of a regular file; nil for pipes, terminals and what cannot be looked at.
    static func fileSize(_ descriptor: Int32) -> Int? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    static func fileSize(path: String) -> Int? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Differs for two files or folders, whatever their paths; nil if there is none.
    static func identity(path: String) -> String? {
        var status = stat()
        return stat(path, &status) == 0 ? "\(status.st_dev) \(status.st_ino)" : nil
    }

    /// Size and time of change of a regular file, in words that differ when either does.
    static func state(path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return state(status)
    }

    static func state(_ descriptor: Int32) -> String? {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        return state(status)
    }

    private static func state(_ status: stat) -> String? {
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        #if canImport(Darwin)
        let time = status.st_mtimespec
        #else
        let time = status.st_mtim
        #endif
        return "\(status.st_size) \(time.tv_sec).\(time.tv_nsec)"
    }

    /// Names in a folder, sorted by their bytes. Those that are not UTF-8 cannot be opened by a text, and are
    /// told to `onInvalid` as far as they can be read.
    static func names(inFolder path: String, onInvalid: (String) -> Void = { _ in }) throws(FileError)
        -> [String]
    {
        try Folder.names(asBytesIn: path).sorted { $0.lexicographicallyPrecedes($1) }.compactMap { bytes in
            let name = String(validating: bytes, as: UTF8.self)
            if name == nil { onInvalid(String(decoding: bytes, as: UTF8.self)) }
            return name
        }
    }
}
