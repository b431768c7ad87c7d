import MartletCompute
import MartletSystem
import Testing

@testable import Martlet

/// Promise 6: the library cannot fetch anything, for there is nothing in it that opens a connection.
@Suite("Offline first")
struct OfflineTests {
    private static let layers = [
        "CMartletKernels", "MartletSystem", "MartletJSON", "MartletCompute", "MartletTokenizers",
        "MartletWeights", "MartletModels",
        "Martlet", "CMartletMiniLM", "MartletMiniLM",
    ]
    /// What the modules import besides each other. Full Foundation would bring URLSession, and ICU with it.
    private static let allowed: Set<String> = ["Glibc", "Musl", "Darwin", "Synchronization"]
    private static let calls = [
        "socket(", "connect(", "getaddrinfo(", "URLSession", "dlopen(", "popen(", "posix_spawn", "execv",
        "system(",
    ]

    @Test(arguments: layers)
    func noSourceReachesForTheNetwork(_ layer: String) throws {
        let files = sources(Goldens.path("../../Sources/" + layer))
        #expect(!files.isEmpty)
        for file in files {
            let text = String(decoding: try ModelCopy.read(file), as: UTF8.self)
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ")
                if let place = words.firstIndex(of: "import"), place <= 1, file.hasSuffix(".swift"),
                    words.count > place + 1
                {
                    let module = String(words[place + 1])
                    #expect(
                        Self.allowed.contains(module) || Self.layers.contains(module),
                        "\(file) imports \(module)")
                }
                if line.hasPrefix("#include") {
                    #expect(!line.contains("socket") && !line.contains("netdb"), "\(file): \(line)")
                }
                for call in Self.calls { #expect(!line.contains(call), "\(file): \(line)") }
            }
        }
    }

    private func sources(_ folder: String) -> [String] {
        guard let listing = opendir(folder) else { return [] }
        defer { closedir(listing) }
        var found: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix(".") || name == "data" { continue }
            if [".swift", ".c", ".h"].contains(where: name.hasSuffix) {
                found.append(folder + "/" + name)
            } else {
                found += sources(folder + "/" + name)
            }
        }
        return found
    }
}
