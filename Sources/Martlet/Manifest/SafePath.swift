/// Names from a server or a configuration that become files: only those that stay inside the folder they are
/// put in.
package enum SafePath {
    /// A relative path of plain components, as a repository's file names are.
    package static func isRelative(_ path: String) -> Bool {
        path.utf8.count <= 512
            && path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
                isComponent(String($0))
            }
    }

    /// One component: not empty, not `.` or `..`, no slashes of either kind, no control characters.
    package static func isComponent(_ name: String) -> Bool {
        guard !name.isEmpty, name != ".", name != "..", name.utf8.count <= 255 else { return false }
        return name.unicodeScalars.allSatisfy {
            $0 != "/" && $0 != "\\" && $0.value >= 0x20 && $0.value != 0x7F
        }
    }

    package static func isWordByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || byte == UInt8(ascii: "_")
    }

    /// A commit as git names it: 40 hexadecimal digits.
    package static func isCommit(_ text: String) -> Bool { text.utf8.count == 40 && isHexadecimal(text) }

    package static func isHexadecimal(_ text: String) -> Bool {
        text.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
    }
}
