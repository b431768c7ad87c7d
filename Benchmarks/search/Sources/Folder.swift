import MartletIndex
import MartletSystem

/// A folder with files alone.
enum Folder {
    static func remove(_ path: String) {
        let files = POSIXFileSystem()
        for name in files.names(in: path) { unlink("\(path)/\(name)") }
        rmdir(path)
    }
}
