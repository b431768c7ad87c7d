#if os(Linux)
import MartletTestSupport
import Testing

@testable import MartletIndex

/// What the system is told about how a segment is read.
@Suite struct SegmentReadingTests {
    /// Whether Linux reads pages of a file's mappings alone, without those that follow.
    private func isReadInAnyOrder(_ path: String) -> Bool {
        ProcessMappings.lines("VmFlags:") { $0.contains(path) }.contains { $0.contains("rr") }
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
        #expect(!isReadInAnyOrder(path))
        reading.readsSome(segment.file, bytes: 1 << 30)
        #expect(isReadInAnyOrder(path))
        reading.readsAll(segment.file)
        #expect(!isReadInAnyOrder(path))
    }
}
#endif
