#if Command

internal import MartletSystem

/// Where bytes come from: a file descriptor, or an array in tests.
struct ByteSource {
    /// How errors name it: the path, or `<stdin>`.
    let name: String
    /// Fills the buffer with what is there, waiting for at least one byte; 0 at the end.
    let read: (UnsafeMutableRawBufferPointer) throws(InputError) -> Int
    /// Whether `read` would return at once.
    let isReady: () -> Bool
    /// Bytes in all, where it is known.
    let size: Int?

    static func descriptor(_ descriptor: Int32, name: String) -> ByteSource {
        ByteSource(
            name: name,
            read: { (buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int in
                while true {
                    let count = Self.systemRead(descriptor, buffer)
                    if count >= 0 { return count }
                    switch errno {
                    case EINTR: continue
                    case EAGAIN:
                        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                        poll(&request, 1, -1)
                    case EISDIR:
                        throw InputError("\(name): is a directory; name the files in it", isRecoverable: false)
                    default:
                        throw InputError("\(name): cannot be read: \(System.text(ofError: errno))", isRecoverable: false)
                    }
                }
            },
            isReady: {
                var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                return poll(&request, 1, 0) != 0
            },
            size: System.fileSize(descriptor))
    }

    static var standardInput: ByteSource { .descriptor(0, name: "<stdin>") }

    /// Opens `path`; the descriptor stays open as long as the source or a copy of it lives.
    static func file(_ path: String) throws(InputError) -> ByteSource {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw cannotOpen(path, errno) }
        let owner = OpenFile(descriptor)
        let source = ByteSource.descriptor(descriptor, name: path)
        let read = source.read
        return ByteSource(
            name: path,
            read: { (buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int in
                try withExtendedLifetime(owner) { () throws(InputError) -> Int in try read(buffer) }
            },
            isReady: source.isReady, size: source.size)
    }

    /// Finds a missing or forbidden file before any work is done, without opening it: a named pipe can be opened only once.
    static func check(_ path: String) throws(InputError) {
        guard access(path, R_OK) == 0 else { throw cannotOpen(path, errno) }
    }

    private static func cannotOpen(_ path: String, _ code: Int32) -> InputError {
        let hint = code == ENOENT ? "; check the path, or give the text itself without -f" : ""
        return InputError("\(path): cannot be opened: \(System.text(ofError: code))\(hint)", isRecoverable: false)
    }

    private static func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        #elseif canImport(Musl)
        Musl.read(descriptor, buffer.baseAddress, buffer.count)
        #else
        Darwin.read(descriptor, buffer.baseAddress, buffer.count)
        #endif
    }
}

private final class OpenFile {
    private let descriptor: Int32
    init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }
}

#endif
