import MartletSystem
import Testing

@testable import MartletIndex

/// A manifest knows its own segments.
@Suite struct SegmentIdentityTests {
    /// A collection whose segment differs from another one's by its bytes, and not by its size.
    private func made(_ seed: UInt64) throws -> (collection: String, segment: String, table: SectionTable) {
        let path = Made.path()
        let collection = try SearchCollection.create(at: path, settings: Made.settings(96))
        let writer = try collection.writer()
        let records = Made.vectors(3, 96, seed: seed).enumerated().map { index, vector in
            Record(id: "\(index)", text: "text \(seed)", vector: Made.unit(vector))
        }
        try writer.add(records, identity: Made.identity)
        try writer.compact()
        let file = try #require(collection.snapshot().parts.first).segment.file
        return (path, file.path, file.table)
    }

    @Test func aSegmentOfAnotherCollectionIsRefused() throws {
        let (one, other) = (try made(1), try made(2))
        #expect(one.table.fileLength == other.table.fileLength && one.table.checksum != other.table.checksum)
        #expect(rename(other.segment, one.segment) == 0)
        let error = #expect(throws: IndexError.self) {
            try SearchCollection(opening: one.collection).snapshot()
        }
        #expect(error?.code == .damaged)
    }

    @Test func theChecksumOfAnyIsThatOfEveryTable() throws {
        for seed in [UInt64(1), 2] {
            #expect(Checksum.of(try made(seed).table.bytes) == SectionTable.checksumOfAny)
        }
    }
}
