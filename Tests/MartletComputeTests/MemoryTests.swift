import Testing

@testable import MartletCompute

@Suite struct AlignedBufferTests {
    @Test(arguments: [0, 1, 3, 64, 1000, 1 << 21])
    func isAlignedAndZeroBeyondItsEnd(_ count: Int) {
        let memory = AlignedBuffer<Float>(count: count)
        #expect(UInt(bitPattern: memory.pointer) % 64 == 0)
        #expect(memory.count == count && memory.bytes == count * 4 + 64)
        let raw = UnsafeRawBufferPointer(start: memory.pointer, count: memory.bytes)
        #expect(raw.allSatisfy { $0 == 0 })
    }

    @Test func copies() {
        let memory = AlignedBuffer(copying: [1, 2, 3] as [Int32], padding: 2)
        #expect(Array(memory.buffer) == [1, 2, 3, 0, 0])
        #expect(AlignedBuffer(copying: [] as [Int32]).buffer.isEmpty)
    }
}

@Suite struct KernelsTests {
    @Test func tablesEndWithScalar() {
        #expect(Kernels.available.last?.name == "scalar")
        #expect(Kernels()?.name == Kernels.available.first?.name)
        #expect(Kernels(named: "scalar")?.panelWidth == 1)
        #expect(Kernels(named: "no such instruction set") == nil)
        #expect(Set(Kernels.available.map(\.name)).count == Kernels.available.count)
        for kernels in Kernels.available { #expect(kernels.padded(0) == 0 && kernels.padded(1) == kernels.panelWidth) }
    }
}
