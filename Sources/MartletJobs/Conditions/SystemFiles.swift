import MartletData
import MartletSystem

/// What the system tells in files, below `/` or below the folder of a recording.
package struct SystemFiles: Sendable {
    private let root: String

    package init(root: String = "") { self.root = root }

    /// The first line; nil: there is no such file.
    func line(_ path: String) -> String? {
        SmallFile.text(at: "\(root)/\(path)").map { String($0.prefix { !$0.isNewline }) }
    }

    func names(in folder: String) -> [String] { FolderWalk.names(inFolder: "\(root)/\(folder)") }
}
