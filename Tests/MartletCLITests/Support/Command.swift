#if Command

import MartletTestSupport
import MartletSystem

/// The built `martlet`, run as a user runs it.
final class Command {
    struct Ended {
        let status: Int32
        let output: [UInt8]
        let error: String
        var text: String { String(decoding: output, as: UTF8.self) }
        var lines: [Substring] { text.split(separator: "\n") }
    }

    let identifier: pid_t
    /// The command's stdin; nil once it is closed.
    private(set) var input: Int32?
    private(set) var output: Int32
    private let errorFile: Int32

    /// Starts the command. stderr goes to a file, so that it never fills up; stdout to `path` where it is
    /// given.
    init(_ arguments: [String], output path: String? = nil) throws {
        signal(SIGPIPE, SIG_IGN)
        var fromHere: [Int32] = [0, 0]
        var toHere: [Int32] = [0, 0]
        guard pipe(&fromHere) == 0, pipe(&toHere) == 0 else { throw SystemFailure(what: "pipe", code: errno) }
        for descriptor in fromHere + toHere { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        var template = Array("/tmp/martlet-stderr-XXXXXX".utf8CString)
        errorFile = mkstemp(&template)
        unlink(template)
        _ = fcntl(errorFile, F_SETFD, FD_CLOEXEC)

        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        // A test runner may have been started with signals ignored or blocked; the command must not inherit
        // that.
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for number in [SIGINT, SIGTERM, SIGPIPE] { sigaddset(&defaults, number) }
        var unblocked = sigset_t()
        sigemptyset(&unblocked)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setsigmask(&attributes, &unblocked)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
        posix_spawn_file_actions_adddup2(&actions, fromHere[0], 0)
        if let path {
            posix_spawn_file_actions_addopen(&actions, 1, path, O_WRONLY | O_CREAT, 0o600)
        } else {
            posix_spawn_file_actions_adddup2(&actions, toHere[1], 1)
        }
        posix_spawn_file_actions_adddup2(&actions, errorFile, 2)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }

        let executable = try Self.executable()
        var words: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, executable, &actions, &attributes, words, environ)
        close(fromHere[0])
        close(toHere[1])
        guard code == 0 else { throw SystemFailure(what: executable, code: code) }
        identifier = child
        input = fromHere[1]
        output = toHere[0]
    }

    deinit {
        closeInput()
        close(output)
        close(errorFile)
    }

    func send(_ bytes: some Sequence<UInt8>) {
        guard let input else { return }
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    func send(_ text: String) { send(text.utf8) }

    func closeInput() {
        if let descriptor = input { close(descriptor) }
        input = nil
    }

    /// One line of stdout, without its newline.
    func readLine() -> String {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1, byte != 0x0A { line.append(byte) }
        return String(decoding: line, as: UTF8.self)
    }

    func closeOutput() {
        close(output)
        output = open("/dev/null", O_RDONLY)
    }

    /// Reads the rest of stdout and waits for the end. A signal counts as 1000 and its number.
    func wait() throws -> Ended {
        let bytes = try readToEnd(output)
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        lseek(errorFile, 0, SEEK_SET)
        let error = String(decoding: try readToEnd(errorFile), as: UTF8.self)
        return Ended(
            status: status & 0x7F == 0 ? status >> 8 & 0xFF : 1000 + status & 0x7F, output: bytes,
            error: error)
    }

    /// Runs the command to its end. The input must fit a pipe.
    static func run(_ arguments: [String], input: some Sequence<UInt8> = [UInt8](), output: String? = nil)
        throws -> Ended
    {
        let command = try Command(arguments, output: output)
        command.send(input)
        command.closeInput()
        return try command.wait()
    }

    static func run(_ arguments: [String], input: String) throws -> Ended {
        try run(arguments, input: input.utf8)
    }

    /// `martlet` stands beside the test bundle in the build folder.
    static func executable() throws -> String {
        #if canImport(Darwin)
        // The path of the bundle is an argument of the process that loads it.
        let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? ""
        let parts = bundle.split(separator: "/", omittingEmptySubsequences: false)
        let folder = parts.prefix { !$0.hasSuffix(".xctest") }.joined(separator: "/")
        #else
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { throw SystemFailure(what: "/proc/self/exe", code: errno) }
        let own = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folder = own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
            separator: "/")
        #endif
        let path = "\(folder)/martlet"
        guard access(path, X_OK) == 0 else { throw SystemFailure(what: path, code: errno) }
        return path
    }
}

#endif
