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

@Suite struct WeightMemoryTests {
    @Test func piecesAreUsedAgainWhenTheirSlicesAreGone() {
        let memory = WeightMemory(reusing: true)
        func addresses() -> [UInt] {
            let slices = [100, 1 << 20, 40 << 20, 3].map { memory.slice(bytes: $0) }
            for slice in slices { slice.pointer.update(repeating: 1, count: slice.count) }
            return slices.map { UInt(bitPattern: $0.pointer) }
        }
        let first = addresses()
        #expect(Set(first).count == 4 && first.allSatisfy { $0 % 64 == 0 })
        #expect(addresses() == first)
        let held = memory.slice(bytes: 1 << 20)
        held.pointer.update(repeating: 2, count: held.count)
        #expect(!addresses().contains(UInt(bitPattern: held.pointer)))
        #expect(UnsafeBufferPointer(start: held.pointer, count: held.count).allSatisfy { $0 == 2 })
    }
}

@Suite struct KernelsTests {
    @Test func tablesEndWithScalar() {
        #expect(Kernels.available.last?.name == "scalar")
        #expect(Kernels()?.name == Kernels.available.first?.name)
        #expect(Kernels(named: "scalar")?.panelWidth == 1)
        #expect(Kernels(named: "no such instruction set") == nil)
        #expect(Set(Kernels.available.map(\.name)).count == Kernels.available.count)
        for kernels in Kernels.available {
            #expect(kernels.padded(0) == 0 && kernels.padded(1) == kernels.panelWidth)
        }
    }
}
