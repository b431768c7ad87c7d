#if Server

internal import MartletSystem

/// The path of a socket to listen on, before anything is there.
enum UnixSocket {
    /// Removes a socket that a server left behind.
    /// - Throws: If a server listens on it, or if the path is of something else.
    static func prepare(_ path: String) throws(ServerError) {
        guard access(path, F_OK) == 0 else { return }
        // Sockets alone cannot be opened for this reason.
        let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        let reason = errno
        if file >= 0 { close(file) }
        guard file < 0, reason == ENXIO || reason == EOPNOTSUPP else {
            throw ServerError("\(path) is there already and is not a socket; choose another path")
        }
        if isLive(path) {
            throw ServerError("\(path) is in use by another server; stop it, or choose another path")
        }
        guard unlink(path) == 0 else {
            throw ServerError(
                "\(path): the old socket cannot be removed: \(String(cString: strerror(errno)))")
        }
    }

    private static func isLive(_ path: String) -> Bool {
        #if canImport(Glibc)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #else
        let descriptor = socket(AF_UNIX, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafeBytes(of: &address) { raw in
            raw.withMemoryRebound(to: sockaddr.self) { pointer in
                guard let base = pointer.baseAddress else { return false }
                return connect(descriptor, base, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}

#endif
