#if Command

import MartletSystem

/// A folder that goes away with its last reference.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/martlet-cli-tests-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemFailure(what: "mkdtemp", code: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { unlink("\(path)/\(name)") }
            }
            closedir(folder)
        }
        rmdir(path)
    }

    func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
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

    func file(_ name: String, _ text: String) throws -> String { try file(name, text.utf8) }

    /// The bytes of a file in the folder.
    func contents(_ name: String) throws -> [UInt8] { try readFile("\(path)/\(name)") }
    func text(_ name: String) throws -> String { String(decoding: try contents(name), as: UTF8.self) }
}

struct SystemFailure: Error {
    let what: String
    let code: Int32
}

func readFile(_ path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw SystemFailure(what: path, code: errno) }
    defer { close(descriptor) }
    return try readToEnd(descriptor)
}

func readToEnd(_ descriptor: Int32) throws -> [UInt8] {
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

#endif
