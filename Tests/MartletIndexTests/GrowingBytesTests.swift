import Testing

@testable import MartletIndex

struct GrowingBytesTests {
    @Test(arguments: [0, 1, 100, 100_000]) func appendsKeepWhatIsThere(capacity: Int) {
        let bytes = GrowingBytes(capacity: capacity)
        var expected: [UInt8] = []
        for size in [0, 1, 63, 64, 65, 1000, 0, 5000] {
            let more = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ size) }
            more.withUnsafeBytes { bytes.append($0) }
            expected += more
            let found = UnsafeRawBufferPointer(start: bytes.start, count: bytes.count)
            #expect(Array(found) == expected)
        }
    }
}
