/// What tells a file from another one and from itself after a change, without reading it.
package struct FileStamp: Sendable, Hashable {
    package let device: UInt64
    package let inode: UInt64
    package let size: Int
    package let modified: FileTime
    /// When the system last changed anything about the file: no program can set it.
    package let changed: FileTime

    package init(_ status: stat) {
        device = UInt64(truncatingIfNeeded: status.st_dev)
        inode = UInt64(truncatingIfNeeded: status.st_ino)
        size = Int(status.st_size)
        (modified, changed) = (status.modified, status.changed)
    }
}

extension FileStamp {
    /// nil: there is no such file or folder, or it cannot be looked at.
    package init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Whether a folder is there.
    package static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}

extension FileStamp: CustomStringConvertible {
    package var description: String { "\(device):\(inode) \(size) \(modified) \(changed)" }
}

/// A time of a file.
package struct FileTime: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let seconds: Int
    package let nanoseconds: Int

    init(_ time: timespec) { (seconds, nanoseconds) = (Int(time.tv_sec), Int(time.tv_nsec)) }

    package static func < (a: FileTime, b: FileTime) -> Bool {
        (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds)
    }
    package var description: String { "\(seconds).\(nanoseconds)" }
}

extension stat {
    #if canImport(Darwin)
    var modified: FileTime { FileTime(st_mtimespec) }
    var changed: FileTime { FileTime(st_ctimespec) }
    #else
    var modified: FileTime { FileTime(st_mtim) }
    var changed: FileTime { FileTime(st_ctim) }
    #endif
}
