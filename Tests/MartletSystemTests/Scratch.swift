import MartletSystem

/// An empty folder of its own, removed with all that is in it.
final class Scratch {
    let path: String

    init() {
        var template = Array("/tmp/martlet-system-XXXXXX".utf8CString)
        path = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
        }
    }

    deinit { for name in names { unlink(path + "/" + name) }; rmdir(path) }

    var names: [String] {
        guard let listing = opendir(path) else { return [] }
        defer { closedir(listing) }
        var found: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { found.append(name) }
        }
        return found.sorted()
    }

    /// A file of `count` bytes that was last changed so many seconds after 1970.
    func write(_ name: String, count: Int, modified seconds: Int, permissions: mode_t = 0o600) throws {
        let file = try TemporaryFile(replacing: path + "/" + name, permissions: permissions)
        try [UInt8](repeating: 1, count: count).withUnsafeBufferPointer { bytes in
            try file.write(UnsafeRawBufferPointer(bytes), at: 0)
        }
        try file.finish(isDurable: false)
        let times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 0)]
        utimensat(AT_FDCWD, path + "/" + name, times, 0)
        chmod(path + "/" + name, permissions)
    }
}
