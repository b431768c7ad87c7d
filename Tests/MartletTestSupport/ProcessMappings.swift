#if os(Linux)
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What Linux says of this process's mappings, in /proc/self/smaps.
package enum ProcessMappings {
    /// The words of each line "NAME word …" of the mappings whose first line, which begins with the addresses and
    /// ends with the file's path, is wanted.
    package static func lines(_ name: String, ofMappings isWanted: (String) -> Bool) -> [[String]] {
        guard let file = fopen("/proc/self/smaps", "r") else { return [] }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 4096)
        var isInside = false
        var found: [[String]] = []
        while fgets(&line, 4096, file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let words = text.split { $0 == " " || $0 == "\n" }.map(String.init)
            guard let first = words.first else { continue }
            if !first.hasSuffix(":") { isInside = isWanted(text) }
            if isInside, first == name { found.append(Array(words.dropFirst())) }
        }
        return found
    }
}
#endif
