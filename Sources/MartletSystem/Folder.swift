/// What is in a folder.
package enum Folder {
    /// The names in a folder as their bytes, in any order: a name need not be UTF-8. "." and ".." are left out.
    /// - Throws: If the folder cannot be read to its end: names that are missing would count as gone.
    package static func names(asBytesIn path: String) throws(FileError) -> [[UInt8]] {
        guard let stream = opendir(path) else { throw .last("read the folder", path) }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while true {
            // The end and an error are both nil.
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
        }
        guard errno == 0 else { throw .last("read the folder", path) }
        return names
    }

    /// The names in a folder, sorted. U+FFFD stands for bytes that are not UTF-8. "." and ".." are left out.
    package static func names(in path: String) throws(FileError) -> [String] {
        try names(asBytesIn: path).map { String(decoding: $0, as: UTF8.self) }.sorted()
    }
}
