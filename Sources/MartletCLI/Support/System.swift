#if Command

internal import MartletSystem

/// The few questions that the command asks the operating system.
enum System {
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Columns of the terminal on `descriptor`, 80 where it does not say.
    static func terminalWidth(_ descriptor: Int32) -> Int {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Seconds on a clock that never goes back.
    static func seconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    static func sleep(seconds: Double) { usleep(UInt32(seconds * 1e6)) }

    /// The most memory that this process has held, in bytes.
    static func peakMemory() -> Int {
        #if os(Linux)
        // What `getrusage` tells includes the memory of the process that started this one.
        if let peak = memoryOfStatus("VmHWM:") { return peak }
        #endif
        var usage = rusage()
        #if canImport(Glibc)
        let own = __rusage_who_t(RUSAGE_SELF.rawValue)
        #else
        let own = RUSAGE_SELF
        #endif
        guard getrusage(own, &usage) == 0 else { return 0 }
        #if canImport(Darwin)
        return usage.ru_maxrss
        #else
        return usage.ru_maxrss * 1024
        #endif
    }

    #if os(Linux)
    /// A line of /proc/self/status in kB, as bytes. Source: proc_pid_status(5).
    private static func memoryOfStatus(_ name: String) -> Int? {
        let lines = SmallFile.text(at: "/proc/self/status")?.split(separator: "\n") ?? []
        guard let line = lines.first(where: { $0.hasPrefix(name) }) else { return nil }
        let words = line.split { $0 == " " || $0 == "\t" }
        return words.count == 3 ? Int(words[1]).map { $0 * 1024 } : nil
    }
    #endif

    static func environment(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        return String(cString: value)
    }

    /// A key or an address from the environment, without white space around it, such as the line end of a
    /// file that it was read from; nil: there is none.
    static func setting(_ name: String, in environment: (String) -> String? = environment) -> String? {
        var text = (environment(name) ?? "").drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text.isEmpty ? nil : String(text)
    }

    /// Gives all threads of this process, and those that they start, a lower priority. Without effect where
    /// the system refuses it.
    static func setNice(_ value: Int) {
        #if canImport(Glibc)
        let process = __priority_which_t(PRIO_PROCESS.rawValue)
        #else
        let process = PRIO_PROCESS
        #endif
        setpriority(process, 0, Int32(clamping: value))
        #if os(Linux)
        // Linux has a priority for each thread.
        for name in (try? Folder.names(in: "/proc/self/task")) ?? [] {
            if let thread = UInt32(name) { setpriority(process, thread, Int32(clamping: value)) }
        }
        #endif
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func isPipe(_ descriptor: Int32) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && [S_IFIFO, S_IFSOCK].contains(status.st_mode & S_IFMT)
    }

    /// Whether a path is a device, a pipe or a terminal: something that is there and is not a file.
    static func isStream(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
    }

    /// The size of a regular file, nil for pipes, terminals and what cannot be looked at.
    static func fileSize(_ descriptor: Int32) -> Int? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    static func fileSize(path: String) -> Int? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    /// Whether the two paths lead to one regular file.
    static func isSameFile(_ a: String, _ b: String) -> Bool {
        var first = stat()
        var second = stat()
        guard stat(a, &first) == 0, stat(b, &second) == 0, first.st_mode & S_IFMT == S_IFREG else {
            return false
        }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    /// Ends at once, without the exit handlers: for threads that interrupt the others.
    static func exitNow(_ status: ExitStatus) -> Never { _exit(status.rawValue) }
}

#endif
