import Testing

@testable import MartletSystem

@Suite struct CacheFolderTests {
    @Test func isWhereTheEnvironmentSays() {
        func path(_ variables: [String: String]) -> String? {
            CacheFolder.path(named: "packed") { variables[$0] }
        }
        #expect(path(["XDG_CACHE_HOME": "/x", "HOME": "/h"]) == "/x/martlet/packed")
        #if os(Linux)
        #expect(path(["HOME": "/h"]) == "/h/.cache/martlet/packed")
        #expect(path(["XDG_CACHE_HOME": "relative", "HOME": "/h"]) == "/h/.cache/martlet/packed")
        #endif
        #expect(path([:]) == nil && path(["HOME": "here"]) == nil)
    }

    @Test func whatWasUsedLastStays() throws {
        let scratch = Scratch()
        let folder = CacheFolder(path: scratch.path, limit: 250)
        for (index, name) in ["a", "b", "c"].enumerated() {
            try scratch.write(name, count: 100, modified: 1000 + index)
        }
        // Now used last.
        #expect(folder.open("a")?.region.count == 100)
        try scratch.write("new", count: 100, modified: 10)
        folder.trim(keeping: "new")
        #expect(scratch.names == ["a", "new"])
    }

    @Test func whatADeadWriterLeftIsRemoved() throws {
        let scratch = Scratch()
        try scratch.write("old.1-0.partial", count: 10, modified: 1000)
        try scratch.write("young.1-0.partial", count: 10, modified: time(nil))
        CacheFolder(path: scratch.path, limit: 5).trim(keeping: "x")
        #expect(scratch.names == ["young.1-0.partial"])
    }

    @Test func aFileThatOthersMayWriteIsNotTrusted() throws {
        let scratch = Scratch()
        let folder = CacheFolder(path: scratch.path, limit: 1000)
        try scratch.write("mine", count: 1, modified: 1)
        try scratch.write("open", count: 1, modified: 1, permissions: 0o666)
        #expect(folder.open("mine") != nil && folder.open("open") == nil && folder.open("none") == nil)
    }

    @Test func foldersAreMadeAndTheLimitIsKept() throws {
        let scratch = Scratch()
        let inner = CacheFolder(path: scratch.path + "/one/two", limit: 1000)
        defer {
            rmdir(scratch.path + "/one/two")
            rmdir(scratch.path + "/one")
        }
        #expect(inner.create("large", bytes: 1001) == nil)
        #expect(inner.create("f", bytes: 1000) != nil)
        // More than any disk has.
        #expect(CacheFolder(path: scratch.path, limit: .max).create("huge", bytes: .max / 2) == nil)
        #expect(CacheFolder(path: "/proc/martlet", limit: 1000).create("f", bytes: 1) == nil)
    }
}

@Suite struct TemporaryFileTests {
    @Test func hasItsNameOnlyWhenItIsFinished() throws {
        let scratch = Scratch()
        let target = scratch.path + "/file"
        func write(_ text: String, finishes: Bool) throws {
            let file = try TemporaryFile(replacing: target)
            let bytes = Array(text.utf8)
            // Out of order.
            for index in bytes.indices.reversed() {
                try bytes[index...index].withUnsafeBufferPointer {
                    try file.write(UnsafeRawBufferPointer($0), at: index)
                }
            }
            #expect(scratch.names.contains { $0.hasSuffix(TemporaryFile.suffix) })
            if finishes { try file.finish(isDurable: true) }
        }
        try write("given up", finishes: false)
        #expect(scratch.names.isEmpty)
        try write("first", finishes: true)
        try write("given up", finishes: false)
        #expect(scratch.names == ["file"])
        // Two at the same time: the last to finish stays.
        let (one, two) = (try TemporaryFile(replacing: target), try TemporaryFile(replacing: target))
        for (file, text) in [(one, "one"), (two, "two")] {
            try Array(text.utf8).withUnsafeBufferPointer { try file.write(UnsafeRawBufferPointer($0), at: 0) }
        }
        try two.finish(isDurable: false)
        try one.finish(isDurable: false)
        #expect(
            try MappedFile(path: target).region.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                == "one")
        #expect(scratch.names == ["file"])
        #expect(throws: FileError.self) {
            try [1 as UInt8].withUnsafeBufferPointer { try one.write(UnsafeRawBufferPointer($0), at: 0) }
        }
    }

    /// A power cut takes away a name that only the folder's memory has.
    @Test func theNameIsMadeDurableWithTheBytes() throws {
        let scratch = Scratch()
        let target = scratch.path + "/file"
        var synchronized: [String] = []
        func synchronize(_ path: String) -> Int32 {
            #expect(scratch.names == ["file"], "the name is there before it is made durable")
            synchronized.append(path)
            return EIO
        }
        try TemporaryFile(replacing: target).finish(isDurable: false, synchronizingFolder: synchronize)
        #expect(synchronized.isEmpty)
        let error = #expect(throws: FileError.self) {
            try TemporaryFile(replacing: target).finish(isDurable: true, synchronizingFolder: synchronize)
        }
        #expect(error?.code == EIO && error?.message.contains(target) == true)
        #expect(synchronized == [target] && scratch.names == ["file"])
    }

    #if os(Linux)
    /// Bytes that may not be on the disk get no name, and no more bytes.
    @Test func isGivenUpWhenItsBytesCannotBeMadeDurable() throws {
        let scratch = Scratch()
        let file = try TemporaryFile(replacing: scratch.path + "/file")
        let partial = try #require(scratch.names.first)
        // The number stays taken, by a descriptor that is only a place (O_PATH).
        let place = open("/", 0o10_000_000 | O_CLOEXEC)
        try #require(place >= 0)
        defer { close(place) }
        for number in 0..<Int32(4096) {
            var path = [CChar](repeating: 0, count: 4096)
            let count = readlink("/proc/self/fd/\(number)", &path, path.count)
            let bytes = path.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }
            if String(decoding: bytes, as: UTF8.self) == scratch.path + "/" + partial { dup2(place, number) }
        }
        let error = #expect(throws: FileError.self) { try file.finish(isDurable: true) }
        #expect(error?.code == EBADF && scratch.names.isEmpty)
        let closed = #expect(throws: FileError.self) {
            try [1 as UInt8].withUnsafeBufferPointer { try file.write(UnsafeRawBufferPointer($0), at: 0) }
        }
        #expect(closed?.message.contains("it is closed") == true)
    }
    #endif

    @Test func aFolderThatIsMissingIsAnError() {
        let error = #expect(throws: FileError.self) { try TemporaryFile(replacing: "/no such folder/file") }
        #expect(error?.code == ENOENT && error?.message.contains("/no such folder/file") == true)
    }
}
