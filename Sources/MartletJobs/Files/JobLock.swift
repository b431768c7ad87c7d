import MartletData
import MartletSystem

/// An exclusive lock on the log of a job: two runs of one job would mix their rows. The system frees it when
/// the process ends.
final class JobLock: Sendable {
    private let descriptor: Int32

    init(_ path: String) throws(DataError) {
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else {
                throw DataError(.io, at: path, "cannot be opened: \(FileError.text())")
            }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let code = errno
                close(descriptor)
                if code == EINTR { continue }
                guard code == EWOULDBLOCK else {
                    throw DataError(.io, at: path, "cannot be locked: \(FileError.text(code))")
                }
                throw Self.isTaken(path)
            }
            // The file may have been replaced before the lock was there.
            var own = stat()
            var named = stat()
            if fstat(descriptor, &own) == 0, stat(path, &named) == 0, own.st_ino == named.st_ino,
                own.st_dev == named.st_dev
            {
                self.descriptor = descriptor
                return
            }
            close(descriptor)
        }
    }

    /// A child process that is about to start another program has a copy of the descriptor for a moment, so
    /// closing it would not free the lock at once.
    deinit {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    static func isTaken(_ path: String) -> DataError {
        DataError(.io, at: path, "another run has this job", remedies: [.advice("wait for it")])
    }

    /// Whether some process has the lock.
    static func isHeld(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else {
            flock(descriptor, LOCK_UN)
            return false
        }
        return errno == EWOULDBLOCK
    }
}
