internal import MartletSystem

/// A folder that goes away with its last reference.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() throws {
        var template = Array("/tmp/martlet-cli-tests-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemFailure(what: "mkdtemp", code: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { removeAll() }

    /// For a folder whose last reference lives as long as the process.
    package func removeAll() { Self.remove(path) }

    /// A file, or a folder with all that is in it.
    private static func remove(_ path: String) {
        guard unlink(path) != 0, let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { remove("\(path)/\(name)") }
        }
        closedir(folder)
        rmdir(path)
    }

    /// A symbolic link.
    package func link(_ name: String, to target: String) throws {
        guard symlink(target, "\(path)/\(name)") == 0 else { throw SystemFailure(what: name, code: errno) }
    }

    /// Writes a file. Folders in its name are made.
    package func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        var folder = path
        for part in name.split(separator: "/").dropLast() {
            folder += "/\(part)"
            mkdir(folder, 0o700)
        }
        let path = "\(path)/\(name)"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { throw SystemFailure(what: path, code: errno) }
        defer { close(descriptor) }
        let all = Array(bytes)
        guard all.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) == all.count else {
            throw SystemFailure(what: path, code: errno)
        }
        return path
    }

    package func file(_ name: String, _ text: String) throws -> String { try file(name, text.utf8) }

    /// The bytes of a file in the folder.
    package func contents(_ name: String) throws -> [UInt8] { try readFile("\(path)/\(name)") }
    package func exists(_ name: String) -> Bool { access("\(path)/\(name)", F_OK) == 0 }
    /// Bytes of a file; -1 if there is none.
    package func size(_ name: String) -> Int {
        var status = stat()
        return stat("\(path)/\(name)", &status) == 0 ? Int(status.st_size) : -1
    }
    package func remove(_ name: String) { unlink("\(path)/\(name)") }
    package func text(_ name: String) throws -> String { String(decoding: try contents(name), as: UTF8.self) }
}

package struct SystemFailure: Error {
    package let what: String
    package let code: Int32

    package init(what: String, code: Int32) {
        self.what = what
        self.code = code
    }
}

package func readFile(_ path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw SystemFailure(what: path, code: errno) }
    defer { close(descriptor) }
    return try readToEnd(descriptor)
}

package func readToEnd(_ descriptor: Int32) throws -> [UInt8] {
    var result: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = block.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw SystemFailure(what: "read", code: errno) }
        if count == 0 { return result }
        result += block[..<count]
    }
}
