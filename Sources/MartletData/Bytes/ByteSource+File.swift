internal import MartletSystem

extension ByteSource {
    package static let standardInputName = "<stdin>"

    /// Standard input as it comes.
    package static var standardInput: ByteSource { descriptor(0, name: standardInputName, owner: nil) }

    /// Opens `path`. The descriptor stays open as long as the source or a copy of it lives.
    package static func file(_ path: String) throws(DataError) -> ByteSource {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw cannotOpen(path, errno) }
        return .descriptor(descriptor, name: path, owner: OpenFile(descriptor))
    }

    /// Finds a missing or forbidden file before any work is done, without opening it: a named pipe can be
    /// opened only once.
    package static func check(_ path: String) throws(DataError) {
        guard access(path, R_OK) == 0 else { throw cannotOpen(path, errno) }
    }

    private static func cannotOpen(_ path: String, _ code: Int32) -> DataError {
        DataError(
            .io, at: path, "cannot be opened: \(FileError.text(code))",
            remedies: code == ENOENT ? [.checkPath] : [])
    }

    private static func descriptor(_ descriptor: Int32, name: String, owner: OpenFile?) -> ByteSource {
        let size = FileSystem.fileSize(descriptor)
        var source = ByteSource(
            name: name, size: size,
            isReady: {
                var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                return poll(&request, 1, 0) != 0
            },
            read: { (buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int in
                try withExtendedLifetime(owner) { () throws(DataError) -> Int in
                    while true {
                        let count = systemRead(descriptor, buffer)
                        if count >= 0 { return count }
                        switch errno {
                        case EINTR: continue
                        case EAGAIN:
                            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                            poll(&request, 1, -1)
                        case EISDIR:
                            throw DataError(
                                .io, at: name, "is a directory", remedies: [.advice("name the files in it")])
                        default: throw failure(name)
                        }
                    }
                }
            })
        guard size != nil else { return source }
        source.readAt = { (buffer: UnsafeMutableRawBufferPointer, offset: Int) throws(DataError) -> Int in
            try withExtendedLifetime(owner) { () throws(DataError) -> Int in
                while true {
                    let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
                    if count >= 0 { return count }
                    guard errno == EINTR else { throw failure(name) }
                }
            }
        }
        source.seek = { (count: Int) throws(DataError) in
            try withExtendedLifetime(owner) { () throws(DataError) in
                guard lseek(descriptor, off_t(count), SEEK_CUR) >= 0 else { throw failure(name) }
            }
        }
        return source
    }

    private static func failure(_ name: String) -> DataError {
        DataError(.io, at: name, "cannot be read: \(FileError.text())")
    }
}

/// `read` of the C library, which the member of that name hides.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    read(descriptor, buffer.baseAddress, buffer.count)
}

private final class OpenFile {
    private let descriptor: Int32
    init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }
}
