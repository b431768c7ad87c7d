import CMartletKernels
import Testing

@testable import MartletCompute

@Suite("The choice of kernels")
struct KernelChoiceTests {
    /// What CPUID and XGETBV answer, in the parts that count, and what follows.
    struct CPU: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var ecx1: UInt32 = 1 << 27 | 1 << 28 | 1 << 12
        var ebx7: UInt32 = 1 << 5 | 1 << 8
        var ecx7: UInt32 = 0
        var edx7: UInt32 = 0
        var eax71: UInt32 = 0
        var xcr0: UInt64 = 0x7
        var features: [mk_feature]
    }

    static let avx512: UInt32 = 1 << 5 | 1 << 8 | 1 << 16 | 1 << 17 | 1 << 30 | 1 << 31
    static let tiles: UInt32 = 1 << 22 | 1 << 24 | 1 << 25
    static let cpus = [
        CPU(testDescription: "before AVX2", ebx7: 0, features: []),
        CPU(testDescription: "AVX2 without FMA", ecx1: 1 << 27 | 1 << 28, features: []),
        CPU(testDescription: "AVX that the system does not save", xcr0: 0x3, features: []),
        CPU(testDescription: "Haswell, Zen 3", features: [MK_AVX2]),
        CPU(testDescription: "Alder Lake", eax71: 1 << 4, features: [MK_AVX2, MK_AVX_VNNI]),
        CPU(testDescription: "Skylake-X", ebx7: avx512, xcr0: 0xe7, features: [MK_AVX2, MK_AVX512]),
        CPU(
            testDescription: "AVX-512 that the system does not save", ebx7: avx512, ecx7: 1 << 11,
            eax71: 1 << 4,
            features: [MK_AVX2, MK_AVX_VNNI]),
        CPU(
            testDescription: "Ice Lake", ebx7: avx512, ecx7: 1 << 11, xcr0: 0xe7,
            features: [MK_AVX2, MK_AVX512, MK_AVX512_VNNI]),
        CPU(
            testDescription: "Zen 4", ebx7: avx512, ecx7: 1 << 11, eax71: 1 << 5, xcr0: 0xe7,
            features: [MK_AVX2, MK_AVX512, MK_AVX512_VNNI, MK_AVX512_BF16]),
        CPU(
            testDescription: "Zen 5", ebx7: avx512, ecx7: 1 << 11, eax71: 1 << 4 | 1 << 5, xcr0: 0xe7,
            features: [MK_AVX2, MK_AVX_VNNI, MK_AVX512, MK_AVX512_VNNI, MK_AVX512_BF16]),
        CPU(
            testDescription: "Sapphire Rapids", ebx7: avx512, ecx7: 1 << 11, edx7: tiles,
            eax71: 1 << 4 | 1 << 5, xcr0: 0x600e7,
            features: [
                MK_AVX2, MK_AVX_VNNI, MK_AVX512, MK_AVX512_VNNI, MK_AVX512_BF16, MK_AMX_INT8, MK_AMX_BF16,
            ]),
        CPU(
            testDescription: "Sapphire Rapids whose tiles the system does not save", ebx7: avx512,
            ecx7: 1 << 11, edx7: tiles,
            eax71: 1 << 4 | 1 << 5, xcr0: 0xe7,
            features: [MK_AVX2, MK_AVX_VNNI, MK_AVX512, MK_AVX512_VNNI, MK_AVX512_BF16]),
    ]

    @Test(arguments: cpus)
    func featuresOfX86(_ cpu: CPU) {
        var words = mk_x86_words(
            leaf1_ecx: cpu.ecx1, leaf7_ebx: cpu.ebx7, leaf7_ecx: cpu.ecx7, leaf7_edx: cpu.edx7,
            leaf7_1_eax: cpu.eax71, xcr0: cpu.xcr0)
        #expect(mk_x86_features(&words) == Self.bits(cpu.features))
    }

    @Test func featuresOfArm() {
        #expect(mk_arm_features(0, 0) == 0)
        #expect(mk_arm_features(1 << 20, 0) == Self.bits([MK_DOTPROD]), "Neoverse N1")
        #expect(
            mk_arm_features(1 << 20, 1 << 13) == Self.bits([MK_DOTPROD, MK_I8MM]),
            "8-bit matrix products without SVE and bf16")
        #expect(
            mk_arm_features(1 << 20 | 1 << 22, 1 << 13 | 1 << 14)
                == Self.bits([MK_DOTPROD, MK_I8MM, MK_ARM_BF16]), "Neoverse V1")
    }

    /// Whatever a CPU has, each operation comes from a table that needs no more, and all from tables of one
    /// layout.
    @Test func everyCombinationOfFeaturesHasAllOperations() throws {
        let tables = try Tables()
        for features in 0..<(UInt64(1) << MK_FEATURE_COUNT.rawValue) {
            let choice = tables.choose(features)
            for operation in 0..<UInt32(MK_OPERATION_COUNT.rawValue) {
                let table = try #require(
                    mk_chosen_for(choice.pointer, mk_operation(operation)), "features \(features)")
                #expect(table.pointee.needs & ~features == 0)
                #expect(table.pointee.panel_width == choice.pointer.pointee.kernels.panel_width)
                #expect(table.pointee.tile_rows == choice.pointer.pointee.kernels.tile_rows)
            }
        }
    }

    /// On a CPU whose instructions compute something wrong for one operation, that operation alone comes from
    /// the next table.
    @Test func anOperationThatDisagreesComesFromTheNextTable() throws {
        let best = try #require(mk_kernels_at(0))
        let scalar = try #require(mk_kernels_at(mk_kernels_count() - 1))
        var wrong = best.pointee
        wrong.dot = { _, _, _ in 42 }
        withUnsafePointer(to: wrong) { wrong in
            let choice = AlignedBuffer<UInt8>(count: MemoryLayout<mk_choice>.size)
            let pointer = UnsafeMutableRawPointer(choice.pointer).bindMemory(to: mk_choice.self, capacity: 1)
            var tables: [UnsafePointer<mk_kernels>?] = [wrong, best, scalar]
            mk_choose(pointer, &tables, 3, ~0, mk_agrees_with_scalar)
            #expect(mk_chosen_for(pointer, MK_ROW_OPERATIONS) == best)
            #expect(mk_was_rejected(pointer, MK_ROW_OPERATIONS, 0))
            #expect(pointer.pointee.kernels.dot([1], [1], 1) == 1)
            for operation in [
                MK_PRODUCTS_F32, MK_PRODUCTS_BF16, MK_PRODUCTS_INT8, MK_ATTENTION_F32, MK_ATTENTION_BF16,
            ] {
                #expect(mk_chosen_for(pointer, operation) == wrong)
                #expect(!mk_was_rejected(pointer, operation, 0))
            }
        }
    }

    @Test(arguments: 0..<mk_kernels_count(), 0..<UInt32(MK_OPERATION_COUNT.rawValue))
    func everyTableOfThisMachineAgreesWithScalar(_ table: Int32, _ operation: UInt32) {
        #expect(mk_agrees_with_scalar(mk_kernels_at(table), mk_operation(operation)))
    }

    @Test func thisMachineTakesTheBestOfItsTables() {
        let choice = KernelChoice.current
        #expect(choice.complaints.isEmpty)
        #expect(Set(choice.operations.map(\.kernels)).isSubset(of: Kernels.available.map(\.name)))
        #expect(choice.operations.count == Int(MK_OPERATION_COUNT.rawValue))
        #expect(Set(choice.features).isDisjoint(with: choice.missingFeatures))
        for operation in choice.operations {
            for passed in operation.passedOver {
                #expect(!passed.lacks.isEmpty, "\(passed.kernels) for \(operation.name)")
            }
        }
    }

    private static func bits(_ features: [mk_feature]) -> mk_features {
        features.reduce(0) { $0 | 1 << mk_features($1.rawValue) }
    }

    private struct Tables {
        let pointers: UnsafePointer<UnsafePointer<mk_kernels>?>
        let count: Int32
        init() throws {
            var count: Int32 = 0
            pointers = try #require(mk_all_kernels(&count))
            self.count = count
        }
        func choose(_ features: mk_features) -> Choice {
            let choice = Choice()
            mk_choose(choice.pointer, pointers, count, features, nil)
            return choice
        }
    }

    private final class Choice {
        let pointer = UnsafeMutablePointer<mk_choice>.allocate(capacity: 1)
        deinit { pointer.deallocate() }
    }
}
