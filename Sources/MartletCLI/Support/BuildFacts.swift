#if Command

import CMartletBuild
import Martlet

/// What `martlet --version` says: the version, the commit that was built, and the traits that were on.
struct BuildFacts: CustomStringConvertible {
    var version: String
    /// In hexadecimal; empty where the build was not told.
    var commit: String
    var features: [String]

    static let current = BuildFacts(
        version: MartletVersion.current, commit: String(cString: mb_commit()), features: traits)

    var description: String {
        var lines = [version]
        if !commit.isEmpty { lines.append("commit    \(commit)") }
        lines.append("features  \(features.joined(separator: ", "))")
        return lines.joined(separator: "\n")
    }

    private static let traits: [String] = {
        var names = ["Command"]
        #if Hub
        names.append("Hub")
        #endif
        #if Server
        names.append("Server")
        #endif
        return names
    }()
}

#endif
