#if canImport(Glibc)
import Glibc
import Testing

@testable import MartletIndex

/// What the system is told about how a segment is read.
@Suite struct SegmentReadingTests {
    /// Whether Linux reads pages of a file's mappings alone, without those that follow.
    private func isReadInAnyOrder(_ path: String) throws -> Bool {
        let file = try #require(fopen("/proc/self/smaps", "r"))
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 4096)
        var isOfFile = false
        while fgets(&line, 4096, file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            // The first line of a mapping begins with its addresses, and ends with the file's path.
            if text.prefix(while: { $0 != " " }).contains("-") { isOfFile = text.contains(path) }
            if isOfFile, text.hasPrefix("VmFlags:"), text.split(separator: " ").contains("rr") { return true }
        }
        return false
    }

    @Test func searchesReadPagesAloneAndMergesWhatFollows() throws {
        let collection = try SearchCollection.create(at: Made.path(), settings: Made.settings(96))
        let writer = try collection.writer()
        try writer.add(Made.records(2000), identity: Made.identity)
        try writer.compact()
        let segment = try #require(collection.snapshot().parts.first).segment
        let path = segment.file.path
        let reading = SegmentReading()
        reading.readsSome(segment.file, bytes: 1 << 29)
        #expect(try !isReadInAnyOrder(path))
        reading.readsSome(segment.file, bytes: 1 << 30)
        #expect(try isReadInAnyOrder(path))
        reading.readsAll(segment.file)
        #expect(try !isReadInAnyOrder(path))
    }
}
#endif
