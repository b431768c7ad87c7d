import Testing

@testable import MartletSystem

@Suite struct MemoryRegionTests {
    @Test func subregionsStayInside() throws {
        let bytes: [UInt8] = Array(0..<10)
        try bytes.withUnsafeBytes { raw in
            let region = MemoryRegion(unsafe: raw, owner: nil)
            let part = try #require(region.subregion(offset: 2, count: 5))
            #expect(part.count == 5)
            #expect(part.withUnsafeBytes { Array($0) } == [2, 3, 4, 5, 6])
            let nested = try #require(part.subregion(offset: 4, count: 1))
            #expect(nested.withUnsafeBytes { Array($0) } == [6])
            #expect(region.subregion(offset: 10, count: 0)?.count == 0)
            for (offset, count) in [
                (-1, 2), (0, -1), (0, 11), (10, 1), (11, 0), (5, 6), (Int.max, 1), (1, Int.max),
                (Int.max, Int.max), (Int.min, 0),
            ] {
                #expect(region.subregion(offset: offset, count: count) == nil, "\(offset), \(count)")
            }
            #expect(part.subregion(offset: 0, count: 6) == nil)
        }
    }

    @Test func keepsItsOwner() throws {
        final class Owner: Sendable {}
        weak var gone: Owner?
        var part: MemoryRegion?
        do {
            let owner = Owner()
            gone = owner
            part = MemoryRegion(unsafe: UnsafeRawBufferPointer(start: nil, count: 0), owner: owner).subregion(
                offset: 0, count: 0)
        }
        #expect(gone != nil && part != nil)
        part = nil
        #expect(gone == nil)
    }
}
