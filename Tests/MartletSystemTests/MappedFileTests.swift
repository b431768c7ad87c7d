import MartletTestSupport
import Testing

@testable import MartletSystem

@Suite struct MappedFileTests {
    /// A path of this process's own under the temporary folder.
    private func path(_ name: String) -> String { "/tmp/martlet-system-tests-\(getpid())-\(name)" }

    private func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let written = bytes.withUnsafeBytes {
            Int(bitPattern: $0.baseAddress) == 0 ? 0 : unistdWrite(descriptor, $0)
        }
        try #require(written == bytes.count)
    }
    private func unistdWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
        Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    #if os(Linux)
    /// KiB of the mapping at an address that the process holds in memory.
    private func resident(at address: UInt) throws -> Int {
        let start = String(address, radix: 16) + "-"
        let words = ProcessMappings.lines("Rss:") { $0.hasPrefix(start) }.first?.first
        return try #require(words.flatMap { Int($0) })
    }

    @Test func bytesThatAreLetGoLeaveMemoryAndCanBeRead() throws {
        let path = path("let-go")
        defer { unlink(path) }
        try write([UInt8](repeating: 7, count: 1 << 20), to: path)
        let region = try MappedFile(path: path).region
        let address = region.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        let sum = 7 << 20
        #expect(region.withUnsafeBytes { $0.reduce(0) { $0 + Int($1) } } == sum)
        #expect(try resident(at: address) == 1024)
        // Pages that the part has whole: the first and the last stay.
        try #require(region.subregion(offset: 1, count: (1 << 20) - 2)).adviseNotNeeded()
        let page = Int(sysconf(Int32(_SC_PAGESIZE))) >> 10
        #expect(try resident(at: address) == 2 * page)
        #expect(region.withUnsafeBytes { $0.reduce(0) { $0 + Int($1) } } == sum)
        // Smaller than a page, and no file's: nothing happens.
        try #require(region.subregion(offset: 10, count: 20)).adviseNotNeeded()
        [1 as UInt8].withUnsafeBytes { MemoryRegion(unsafe: $0, owner: nil).adviseNotNeeded() }
    }
    #endif

    @Test func mapsBytesThatOutliveTheFileObject() throws {
        let file = path("bytes")
        defer { unlink(file) }
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try write(bytes, to: file)
        let region = try MappedFile(path: file).region
        #expect(region.withUnsafeBytes { Array($0) } == bytes)
        let part = region.subregion(offset: 9990, count: 10)
        #expect(part?.withUnsafeBytes { Array($0) } == Array(bytes.suffix(10)))
    }

    @Test func anEmptyFileIsAnEmptyRegion() throws {
        let file = path("empty")
        defer { unlink(file) }
        try write([], to: file)
        let region = try MappedFile(path: file).region
        #expect(region.count == 0)
        #expect(region.withUnsafeBytes { $0.count } == 0)
    }

    @Test func missingFile() {
        let error = #expect(throws: FileError.self) {
            _ = try MappedFile(path: "/tmp/no such folder/model.safetensors")
        }
        #expect(error?.code == ENOENT)
        #expect(error?.path == "/tmp/no such folder/model.safetensors")
        #expect(error?.message.contains("/tmp/no such folder/model.safetensors: No such file") == true)
    }

    @Test func aDirectory() {
        let error = #expect(throws: FileError.self) { _ = try MappedFile(path: "/tmp") }
        #expect(error?.message == "/tmp is not a regular file")
    }

    /// Opening a pipe without a writer would wait for ever.
    @Test func aNamedPipe() throws {
        let pipe = path("pipe")
        try #require(mkfifo(pipe, 0o600) == 0)
        defer { unlink(pipe) }
        let error = #expect(throws: FileError.self) { _ = try MappedFile(path: pipe) }
        #expect(error?.message == "\(pipe) is not a regular file")
    }
}
