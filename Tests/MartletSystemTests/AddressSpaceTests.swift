import Testing

@testable import MartletSystem

@Suite struct AddressSpaceTests {
    @Test func fewAddressesAreLessThanEightGibibytes() {
        #expect(!AddressSpace.isFew(limit: nil))
        #expect(!AddressSpace.isFew(limit: 8 << 30))
        #expect(AddressSpace.isFew(limit: (8 << 30) - 1))
        #expect(AddressSpace.isFew == AddressSpace.isFew(limit: AddressSpace.limit))
    }
}
