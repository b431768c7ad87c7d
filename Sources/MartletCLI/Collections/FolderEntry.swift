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

    /// What the system says of a file, as fields: `size` in bytes, and `modified`, to the second. A time that no
    /// date holds is left out.
    static func facts(_ path: String) -> [String: FieldValue] {
        var status = stat()
        guard stat(path, &status) == 0 else { return [:] }
        #if canImport(Darwin)
        let seconds = status.st_mtimespec.tv_sec
        #else
        let seconds = status.st_mtim.tv_sec
        #endif
        var facts: [String: FieldValue] = ["size": .integer(Int(status.st_size))]
        let (milliseconds, overflows) = Int(seconds).multipliedReportingOverflow(by: 1000)
        if !overflows { facts["modified"] = .date(milliseconds) }
        return facts
    }

    /// The regular files in a folder and in those below it, sorted. Collections are left out.
    /// - Parameter onSkip: Is told of each name that is not UTF-8.
    /// - Throws: If a folder cannot be read: what is in it must not count as gone.
    static func files(under folder: String, onSkip: (String) -> Void) throws(CommandError) -> [String] {
        let all: [[UInt8]]
        do throws(FileError) { all = try Folder.names(asBytesIn: folder) } catch {
            throw unreadable(folder, error.code)
        }
        var names: [String] = []
        for bytes in all {
            guard let name = String(validating: bytes, as: UTF8.self) else {
                onSkip(
                    "\(folder)/\(String(decoding: bytes, as: UTF8.self)): a name that is not UTF-8; rename it"
                )
                continue
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        var files: [String] = []
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        for name in names.sorted() where !name.hasSuffix(".martlet") {
            let path = prefix + name
            var status = stat()
            guard lstat(path, &status) == 0 else {
                if errno == ENOENT { continue }
                throw unreadable(path, errno)
            }
            if status.st_mode & S_IFMT == S_IFDIR { files += try self.files(under: path, onSkip: onSkip) }
            if status.st_mode & S_IFMT == S_IFREG { files.append(path) }
        }
        return files
    }

    private static func unreadable(_ path: String, _ code: Int32) -> CommandError {
        CommandError("\(path): cannot be read: \(String(cString: strerror(code)))")
    }
}

#endif
