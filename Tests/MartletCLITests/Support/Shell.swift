#if Command

import MartletTestSupport
import MartletSystem

/// Runs a line as a user's shell would, with the built `martlet` on the path.
enum Shell {
    /// The lines of stdout and stderr together.
    static func run(_ line: String) throws -> [String] {
        let folder = try Command.executable().split(separator: "/", omittingEmptySubsequences: false)
            .dropLast().joined(separator: "/")
        guard let stream = popen("PATH='\(folder)':$PATH; { \(line); } 2>&1", "r") else {
            throw SystemFailure(what: line, code: errno)
        }
        var bytes: [UInt8] = []
        var byte = fgetc(stream)
        while byte != EOF {
            bytes.append(UInt8(truncatingIfNeeded: byte))
            byte = fgetc(stream)
        }
        pclose(stream)
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
            .dropLastEmpty()
    }
}

extension [String] {
    fileprivate func dropLastEmpty() -> [String] { last == "" ? Array(dropLast()) : self }
}

#endif
