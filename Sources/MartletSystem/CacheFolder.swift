/// A folder of files that can be made again. The sum of their sizes has a limit: those that were used last
/// stay.
///
/// Nothing here fails: what cannot be read is not there, and what cannot be written is not kept.
package struct CacheFolder: Sendable, Hashable {
    package let path: String
    /// The most bytes that all files take together.
    package let limit: Int

    package init(path: String, limit: Int) {
        self.path = path
        self.limit = limit
    }

    /// `martlet/NAME` in the user's folder for such files, which `XDG_CACHE_HOME` and `HOME` name; nil: the
    /// environment names none.
    package static func path(named name: String, environment: (String) -> String? = variable) -> String? {
        // The specification has relative paths ignored.
        if let base = environment("XDG_CACHE_HOME"), base.hasPrefix("/") { return "\(base)/martlet/\(name)" }
        guard let home = environment("HOME"), home.hasPrefix("/") else { return nil }
        #if canImport(Darwin)
        return "\(home)/Library/Caches/martlet/\(name)"
        #else
        return "\(home)/.cache/martlet/\(name)"
        #endif
    }

    /// A variable of the environment that is not empty.
    package static func variable(_ name: String) -> String? {
        guard let value = getenv(name), value[0] != 0 else { return nil }
        return String(cString: value)
    }

    /// The file of that name, which is now the one that was used last; nil if there is none, or if others may
    /// have written it.
    package func open(_ name: String) -> MappedFile? {
        let file = path + "/" + name
        var status = stat()
        guard stat(file, &status) == 0, status.st_uid == geteuid() || status.st_uid == 0,
            status.st_mode & 0o022 == 0
        else { return nil }
        utimensat(AT_FDCWD, file, nil, 0)
        return try? MappedFile(path: file)
    }

    package func remove(_ name: String) { unlink(path + "/" + name) }

    /// A file that will have that name when it is finished; nil if it would be larger than the limit or leave
    /// less of the file system free than it takes.
    package func create(_ name: String, bytes: Int) -> TemporaryFile? {
        guard bytes <= limit, Self.make(path) else { return nil }
        var system = statvfs()
        guard statvfs(path, &system) == 0 else { return nil }
        let free = UInt(system.f_bavail).multipliedReportingOverflow(by: UInt(system.f_frsize))
        guard free.overflow || UInt(bytes) <= free.partialValue / 2 else { return nil }
        return try? TemporaryFile(replacing: path + "/" + name, permissions: 0o600)
    }

    /// Removes the files that were used least recently until the limit is kept, and what writers that ended
    /// left behind. `name` stays.
    package func trim(keeping name: String) {
        var files = self.files
        let now = time(nil)
        // Nobody writes for an hour.
        for file in files where file.name.hasSuffix(TemporaryFile.suffix) && now - file.used.seconds > 3600 {
            remove(file.name)
        }
        files.removeAll { $0.name.hasSuffix(TemporaryFile.suffix) }
        var sum = files.reduce(0) { $0 + $1.bytes }
        for file in files.sorted(by: { $0.used < $1.used }) where sum > limit && file.name != name {
            remove(file.name)
            sum -= file.bytes
        }
    }

    private struct File {
        let name: String
        let bytes: Int
        let used: FileTime
    }

    private var files: [File] {
        let names = (try? Folder.names(in: path)) ?? []
        return names.compactMap { name in
            var status = stat()
            guard stat(path + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                return nil
            }
            return File(name: name, bytes: Int(status.st_size), used: status.modified)
        }
    }

    /// Makes the folder at an absolute path, and those that lead to it, for the user alone; false if one
    /// cannot be made.
    package static func make(_ path: String) -> Bool {
        var folder = ""
        for part in path.split(separator: "/") {
            folder += "/" + part
            if mkdir(folder, 0o700) != 0, errno != EEXIST { return false }
        }
        return true
    }
}
