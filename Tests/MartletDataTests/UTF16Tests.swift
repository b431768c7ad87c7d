import MartletTestSupport
import Testing

@testable import MartletData

/// UTF-16 is read into room of any size, as going on from a position asks for what is missing to it.
@Suite struct UTF16Tests {
    private static let text = "a é € 𝄞 end\nzwei\n"

    private static func bytes(_ text: String) -> [UInt8] {
        ("\u{FEFF}" + text).utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    }

    @Test(arguments: 1...7) func `every byte comes, however small the room is`(size: Int) throws {
        let source = ByteSource.bytes(Self.bytes(Self.text)).decoded()
        var found: [UInt8] = []
        var room = [UInt8](repeating: 0, count: size)
        while found.count < 1000 {
            let count = try room.withUnsafeMutableBytes { try source.read($0) }
            if count == 0 { break }
            found += room[..<count]
        }
        #expect(String(decoding: found, as: UTF8.self) == Self.text)
    }

    @Test func `half a pair of surrogates is read byte by byte, too`() throws {
        let source = ByteSource.bytes([0xFF, 0xFE, 0x34, 0xD8, 0x61, 0, 0x34, 0xD8]).decoded()
        var found: [UInt8] = []
        var room: [UInt8] = [0]
        while try room.withUnsafeMutableBytes({ try source.read($0) }) > 0 { found += room }
        #expect(found == [0xED, 0xA0, 0xB4, 0x61, 0xED, 0xA0, 0xB4])
    }

    @Test func `records go on from every position`() async throws {
        let lines = (0..<40).map { "{\"id\":\($0),\"text\":\"\(String(repeating: "é€𝄞x", count: $0))\"}\n" }
        let folder = try TemporaryFolder()
        let path = try folder.file("in.jsonl", Self.bytes(lines.joined()))
        let source = FileSource([.file(path, .jsonl)])
        let all = try source.readAll()
        #expect(all.count == 40)
        for (count, checkpoint) in try source.positions().enumerated() {
            var rest: [Record] = []
            for try await batch in source.batches(after: checkpoint) { rest += batch.records }
            #expect(rest == Array(all.dropFirst(count)), "after \(count)")
        }
    }
}
