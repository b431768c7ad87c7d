import MartletSystem

extension Folder {
    /// Removes a folder with files alone.
    static func remove(_ path: String) {
        for name in (try? names(in: path)) ?? [] { unlink("\(path)/\(name)") }
        rmdir(path)
    }
}
