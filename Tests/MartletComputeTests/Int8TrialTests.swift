import Testing

@testable import MartletCompute

@Suite("The trial of int8 against f32")
struct Int8TrialTests {
    @Test(arguments: Kernels.available)
    func isHeldWhereNoInstructionDecides(_ kernels: Kernels) {
        if kernels.hasInt8Dot { #expect(kernels.hasFastInt8) }
        if kernels.name == "scalar" { #expect(!kernels.hasFastInt8) }
        // Remembered: what the process loads next gets the same precision.
        let first = kernels.hasFastInt8
        for _ in 0..<20 { #expect(kernels.hasFastInt8 == first) }
    }

    @Test(arguments: Kernels.available)
    func measuresBothProducts(_ kernels: Kernels) {
        let least = Int8Trial(kernels).leastNanoseconds()
        #expect(least.f32 > 0 && least.f32 < .max)
        #expect(least.int8 > 0 && least.int8 < .max)
    }
}
