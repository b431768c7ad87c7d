import MartletData
import MartletSystem

/// What the system tells in files, below `/` or below the folder of a recording.
package struct SystemFiles: Sendable {
    private let root: String

    package init(root: String = "") { self.root = root }

    /// The first line; nil: there is no such file.
    func line(_ path: String) -> String? {
        let descriptor = open("\(root)/\(path)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { return nil }
        return String(decoding: bytes[..<count].prefix { $0 != 0x0A }, as: UTF8.self)
    }

    func names(in folder: String) -> [String] { FolderWalk.names(inFolder: "\(root)/\(folder)") }
}
