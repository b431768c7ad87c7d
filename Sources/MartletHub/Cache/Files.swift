internal import MartletSystem

/// What the cache asks of the file system. Every failure names the path.
enum Files {
    /// Size and time of what a path leads to, links followed; nil if it leads to nothing.
    struct Status: Sendable, Equatable {
        let isFolder: Bool
        let isRegular: Bool
        let size: Int
        /// Seconds since 1970.
        let modified: Int
        /// What tells files with several names apart.
        let identity: [UInt64]
    }

    static func status(_ path: String) -> Status? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        #if canImport(Darwin)
        let seconds = status.st_mtimespec.tv_sec
        #else
        let seconds = status.st_mtim.tv_sec
        #endif
        return Status(
            isFolder: status.st_mode & S_IFMT == S_IFDIR, isRegular: status.st_mode & S_IFMT == S_IFREG,
            size: Int(status.st_size),
            modified: Int(seconds),
            identity: [UInt64(truncatingIfNeeded: status.st_dev), UInt64(truncatingIfNeeded: status.st_ino)])
    }

    /// Whether something stands at the path, be it a link that leads nowhere.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Where a symbolic link points; nil if it is none.
    static func linkTarget(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink(path, &buffer, buffer.count)
        guard count > 0, count < buffer.count else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The names in a folder, sorted; empty if there is no such folder.
    static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The paths of all files under a folder, relative to it; links to folders are not followed.
    static func tree(_ folder: String) -> [String] {
        var result: [String] = []
        for name in names(in: folder) {
            let path = "\(folder)/\(name)"
            if linkTarget(path) == nil, status(path)?.isFolder == true {
                result += tree(path).map { "\(name)/\($0)" }
            } else {
                result.append(name)
            }
        }
        return result
    }

    static func makeFolder(_ path: String) throws(HubError) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/\(part)"
            guard mkdir(made, 0o777) != 0 else { continue }
            // To look at the path changes the reason.
            let code = errno
            if code != EEXIST, status(made)?.isFolder != true {
                throw failure("make the folder", made, code: code)
            }
        }
        guard status(path)?.isFolder == true else {
            throw HubError(.io, "\(path) is in the way: it is not a folder")
        }
    }

    static func read(_ path: String, limit: Int) throws(HubError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Self.readSome(descriptor, UnsafeMutableRawBufferPointer(rebasing: buffer[done...]))
            }
            guard count >= 0 else { throw failure("read", path) }
            if count == 0 { break }
            done += count
        }
        guard done <= limit else {
            throw HubError(.io, "\(path) is larger than the \(limit) bytes expected of it")
        }
        return Array(bytes[..<done])
    }

    /// The first bytes of a file; fewer where it has fewer or cannot be read.
    static func beginning(_ path: String, count: Int) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: count)
        let done = bytes.withUnsafeMutableBytes { readSome(descriptor, $0) }
        return Array(bytes.prefix(max(0, done)))
    }

    static func readSome(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
        while true {
            #if canImport(Darwin)
            let count = Darwin.read(descriptor, buffer.baseAddress, buffer.count)
            #elseif canImport(Musl)
            let count = Musl.read(descriptor, buffer.baseAddress, buffer.count)
            #else
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            #endif
            if count >= 0 || errno != EINTR { return count }
        }
    }

    /// Puts a small text under a name at once: written beside it, in `folder`, and renamed. Who may read and
    /// write it, the umask says, so that the users of a shared cache can replace each other's.
    static func replace(_ path: String, with text: String, temporaryIn folder: String) throws(HubError) {
        let temporary = "\(folder)/.martlet-\(unique())"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure("write in", folder) }
        let bytes = Array(text.utf8)
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        // A write that is cut short sets no reason: the disk had no room for the rest.
        let code = 0..<bytes.count ~= written ? ENOSPC : errno
        close(descriptor)
        guard written == bytes.count else {
            unlink(temporary)
            throw failure("write", path, code: code)
        }
        guard rename(temporary, path) == 0 else {
            let error = failure("write", path)
            unlink(temporary)
            throw error
        }
    }

    static func move(_ old: String, to new: String) throws(HubError) {
        guard rename(old, new) == 0 else { throw failure("replace", new) }
    }

    /// Of a temporary file. Processes in containers may share a cache and have the same number.
    private static func unique() -> String { String(UInt64.random(in: 0 ... .max), radix: 36) }

    /// Makes `path` a link with that target; what stood there is replaced at once.
    static func link(_ path: String, to target: String) throws(HubError) {
        if linkTarget(path) == target { return }
        let temporary = "\(path).\(unique()).martlet"
        guard symlink(target, temporary) == 0 else { throw failure("link", path) }
        guard rename(temporary, path) == 0 else {
            let error = failure("link", path)
            unlink(temporary)
            throw error
        }
    }

    /// Removes a file or a link; one that is not there is no error.
    static func remove(_ path: String) throws(HubError) {
        if unlink(path) != 0, errno != ENOENT { throw failure("remove", path) }
    }

    /// Removes a folder and all in it, and follows no link.
    static func removeTree(_ path: String) throws(HubError) {
        if linkTarget(path) != nil || status(path)?.isFolder != true { return try remove(path) }
        for name in names(in: path) { try removeTree("\(path)/\(name)") }
        if rmdir(path) != 0, errno != ENOENT { throw failure("remove", path) }
    }

    /// Bytes that can still be written to the disk of a folder; nil where the system does not say.
    static func freeSpace(_ folder: String) -> Int? {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return nil }
        let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(
            by: UInt64(status.f_frsize))
        return overflow ? nil : Int(clamping: bytes)
    }

    /// "cannot WHAT PATH: REASON", the reason of `code`, and what to do where the disk is full.
    static func failure(_ what: String, _ path: String, code: Int32 = errno) -> HubError {
        let isFull = code == ENOSPC || code == EDQUOT
        return HubError(
            .io,
            "cannot \(what) \(path): \(String(cString: strerror(code)))" + (isFull ? "; \(roomAdvice)" : ""))
    }

    /// What to do where there is no room.
    static let roomAdvice =
        "make room there and pull again, which goes on where it stopped, or move the cache with HF_HUB_CACHE"
}
