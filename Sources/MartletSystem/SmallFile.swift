/// Files in which the system tells numbers: they have no size to map them by.
package enum SmallFile {
    /// The first bytes of a file as text; nil if it cannot be read.
    package static func text(at path: String, atMost bytes: Int = 8192) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: bytes, alignment: 1) { buffer in
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            return count >= 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
        }
    }
}
