import MartletSystem
import MartletTestSupport
import Testing

@testable import Martlet

@Suite("The digest of a file, remembered between runs")
struct FileDigestTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = try folder.file("model.bin", "first")
    }

    /// What a new run says of the file.
    private var digest: FileDigest {
        let cache = folder.path + "/cache"
        return FileDigest(path: path) { $0 == "XDG_CACHE_HOME" ? cache : nil }
    }

    /// The file in which the digest is remembered.
    private func entry() throws -> String {
        let real = try #require(realpath(path, nil))
        defer { free(real) }
        return "cache/martlet/digests/\(SHA256.digest(of: String(cString: real)).prefix(32))"
    }

    @Test func isRememberedUntilTheFileChanges() throws {
        #expect(digest.value == SHA256.digest(of: "first"))
        // What is remembered is taken: a text of that form in its place is the answer.
        let other = String(repeating: "0", count: 64)
        let lines = try folder.text(entry()).split(separator: "\n")
        _ = try folder.file(entry(), "\(other)\n\(lines[1])\n")
        #expect(digest.value == other)
        _ = try folder.file("model.bin", "a longer second")
        #expect(digest.value == SHA256.digest(of: "a longer second"))
    }

    /// A program may set the time at which the file was modified, not the one at which it was changed.
    @Test func isAnotherAfterARewriteThatHidesItsTime() throws {
        var before = stat()
        try #require(stat(path, &before) == 0)
        let opened = digest
        #expect(opened.value == SHA256.digest(of: "first"))
        // Longer than the steps of the file system's clock.
        usleep(50_000)
        _ = try folder.file("model.bin", "FIRST")
        #if canImport(Darwin)
        let times = [before.st_atimespec, before.st_mtimespec]
        #else
        let times = [before.st_atim, before.st_mtim]
        #endif
        try #require(utimensat(AT_FDCWD, path, times, 0) == 0)
        let now = try #require(FileStamp(path: path))
        #expect(now.modified == FileStamp(before).modified && now.size == 5)
        #expect(digest.value == SHA256.digest(of: "FIRST"))
        #expect(opened.value == "changed:\(path)")
    }

    /// Earlier versions remembered size, time and inode alone.
    @Test func entriesOfEarlierVersionsAreNotTaken() throws {
        let stamp = try #require(FileStamp(path: path))
        let real = try #require(realpath(path, nil))
        defer { free(real) }
        let old = "\(stamp.size) \(stamp.modified) \(stamp.inode) \(String(cString: real))"
        mkdir(folder.path + "/cache", 0o700)
        mkdir(folder.path + "/cache/martlet", 0o700)
        _ = try folder.file(entry(), "\(String(repeating: "0", count: 64))\n\(old)\n")
        #expect(digest.value == SHA256.digest(of: "first"))
    }

    @Test func onlyRegularFilesHaveOne() throws {
        let other = FileDigest(path: folder.path)
        #expect(other.value == "changed:\(folder.path)")
        let pipe = folder.path + "/pipe"
        try #require(mkfifo(pipe, 0o600) == 0)
        #expect(FileDigest(path: pipe).value == "changed:\(pipe)")
    }
}
