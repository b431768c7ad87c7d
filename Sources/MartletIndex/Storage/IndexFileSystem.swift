package import MartletSystem

/// What a collection asks of the file system. A test replaces it to fail, to cut writes short, or to lose
/// what was not synced.
///
/// Paths are those of the collection's folder and of files directly in it.
package protocol IndexFileSystem: Sendable {
    func makeFolder(_ path: String) throws(IndexError)
    /// A new, empty file in place of any other at `path`.
    func create(_ path: String) throws(IndexError) -> any IndexFile
    /// A file whose writes go to its end.
    func append(_ path: String) throws(IndexError) -> any IndexFile
    /// The whole file, mapped where the system can.
    func contents(_ path: String) throws(IndexError) -> MemoryRegion
    /// The file's size in bytes; nil if there is no such file.
    func size(_ path: String) -> Int?
    /// What changes when another file gets the name; nil if there is no such file.
    func stamp(_ path: String) -> FileStamp?
    func rename(_ path: String, to other: String) throws(IndexError)
    func remove(_ path: String) throws(IndexError)
    /// Removes a folder if it is empty.
    func removeFolder(_ path: String)
    /// The names in a folder; empty if there is no such folder.
    func names(in folder: String) throws(IndexError) -> [String]
    /// Makes names that were created, changed or removed in the folder durable.
    func syncFolder(_ path: String) throws(IndexError)
    /// An exclusive lock that ends with the returned object or with the process; nil if somebody else has it.
    func lock(_ path: String) throws(IndexError) -> (any AnyObject & Sendable)?
}

/// An open file that is written from its end.
package protocol IndexFile: AnyObject {
    /// Writes some of the bytes, at least one.
    /// - Returns: How many were written.
    func write(_ bytes: UnsafeRawBufferPointer) throws(IndexError) -> Int
    /// Returns once all that was written is durable.
    func sync() throws(IndexError)
    func truncate(to size: Int) throws(IndexError)
}

extension IndexFile {
    func writeAll(_ bytes: UnsafeRawBufferPointer) throws(IndexError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = try write(rest)
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }
}
