internal import MartletSystem

/// An exclusive `flock` on a file, as Python's filelock takes it: two downloads of one file wait for each
/// other, whoever they are. The system frees it when the process ends, however that comes.
final class FileLock: Sendable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// The lock, or nil if somebody else has it.
    static func take(_ path: String) throws(HubError) -> FileLock? {
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
            guard descriptor >= 0 else { throw Files.failure("open the lock", path) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let code = errno
                close(descriptor)
                if code == EWOULDBLOCK || code == EACCES { return nil }
                if code == EINTR { continue }
                throw HubError(.io, "cannot lock \(path): \(String(cString: strerror(code)))")
            }
            // Some remove the file with the lock; one on a file without a name guards nothing.
            var own = stat()
            var named = stat()
            if fstat(descriptor, &own) == 0, stat(path, &named) == 0, own.st_ino == named.st_ino,
                own.st_dev == named.st_dev
            {
                return FileLock(descriptor)
            }
            close(descriptor)
        }
    }

    /// Waits for the lock, looking again after every `pause`.
    static func wait(_ path: String, pause: () async throws -> Void) async throws -> FileLock {
        while true {
            if let lock = try take(path) { return lock }
            try await pause()
        }
    }
}
