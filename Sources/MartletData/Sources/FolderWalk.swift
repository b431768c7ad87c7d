internal import MartletSystem

/// The files of a folder and the folders in it, in the order of their paths. What begins with a dot is left
/// out; a folder that was entered before, by a link, is not entered again.
public struct FolderWalk: Sendable {
    /// Paths that begin with the folder's.
    public private(set) var files: [String] = []
    /// Files whose names promise no known format, or do not match.
    public private(set) var leftOut = 0

    private static let depthLimit = 64

    /// Names in a folder, sorted by their bytes; none if it cannot be read.
    package static func names(inFolder path: String) -> [String] {
        (try? FileSystem.names(inFolder: path)) ?? []
    }

    /// - Parameters:
    ///   - folder: The path of the folder.
    ///   - patterns: Which files are wanted, by patterns of their paths in the folder; none: those of a known
    ///     format.
    public init(_ folder: String, including patterns: [GlobPattern] = []) throws(DataError) {
        var entered: Set<String> = []
        try walk(folder, "", patterns, &entered, depth: 0)
    }

    /// The files that match a path with a pattern in it, such as `docs/**/*.md`.
    public init(matching pattern: String) throws(DataError) {
        // The walk begins at the last folder that the pattern names in full.
        let names = pattern.split(separator: "/", omittingEmptySubsequences: false)
        let fixed = names.prefix { !GlobPattern.isPattern(String($0)) }
        let folder = fixed.isEmpty ? "." : fixed == [""] ? "/" : fixed.joined(separator: "/")
        let rest = names.dropFirst(fixed.count).joined(separator: "/")
        // A single name matches in the folder alone.
        let isDeep = rest.contains("/")
        let glob = GlobPattern(rest)
        var entered: Set<String> = []
        try walk(folder, "", [glob], &entered, depth: isDeep ? 0 : Self.depthLimit)
        if fixed.isEmpty { files = files.map { String($0.dropFirst(2)) } }
    }

    private mutating func walk(
        _ root: String, _ inside: String, _ patterns: [GlobPattern], _ entered: inout Set<String>, depth: Int
    ) throws(DataError) {
        let folder = inside.isEmpty ? root : Self.joined(root, inside)
        if let identity = FileSystem.identity(path: folder), !entered.insert(identity).inserted { return }
        var invalid: String?
        let names: [String]
        do throws(FileError) {
            names = try FileSystem.names(inFolder: folder, onInvalid: { invalid = $0 })
        } catch {
            throw DataError(.io, at: folder, "cannot be read: \(FileError.text(error.code))")
        }
        if let invalid {
            throw DataError(
                .io, at: Self.joined(folder, invalid), "has a name that is not UTF-8",
                remedies: [.advice("rename it")])
        }
        for name in names where !name.hasPrefix(".") {
            let path = inside.isEmpty ? name : "\(inside)/\(name)"
            let full = Self.joined(root, path)
            if FileSystem.isFolder(full) {
                if depth < Self.depthLimit { try walk(root, path, patterns, &entered, depth: depth + 1) }
            } else if patterns.isEmpty
                ? InputFormat.forFile(name) != nil : patterns.contains(where: { $0.matches(path) })
            {
                files.append(full)
            } else {
                leftOut += 1
            }
        }
    }

    private static func joined(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    /// Whether a path leads to a folder.
    public static func isFolder(_ path: String) -> Bool { FileSystem.isFolder(path) }
}
