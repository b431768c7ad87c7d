import MartletSystem
import Testing

@testable import MartletWeights

@Suite struct GGUFFileTests {
    @Test(arguments: [2, 3]) func readsMetadata(version: Int) throws {
        let file = try GGUFFile(path: Goldens.path("v\(version).gguf"))
        let metadata = file.metadata
        #expect(file.version == version)
        #expect(metadata.keys.first == "general.architecture")
        #expect(metadata.string("general.architecture") == "bert")
        #expect(metadata.int("test.uint8") == 200)
        #expect(metadata.int("test.int8") == -100)
        #expect(metadata.int("test.uint16") == 60000)
        #expect(metadata.int("test.int16") == -30000)
        #expect(metadata.int("test.uint32") == 4_000_000_000)
        #expect(metadata.int("test.int32") == -2_000_000_000)
        #expect(metadata.double("test.float32") == Double(Float(0.1)))
        #expect(metadata.bool("test.yes") == true)
        #expect(metadata.bool("test.no") == false)
        #expect(metadata.string("test.string") == "naïve – 訳 🐦")
        #expect(metadata.int("test.uint64") == nil, "does not fit Int")
        #expect(metadata.double("test.float64") == 0.1)
        #expect(metadata.int("test.int64") == -(1 << 62))
        #expect(
            metadata.strings("test.strings") == [
                "[PAD]", "x", "ééé", "▁the", String(repeating: "a", count: 40),
            ])
        #expect(metadata.ints("test.ints") == [1, -2, 3])
        #expect(metadata.floats("test.floats") == [0.5, -1000, 3.25])
        #expect(metadata.bools("test.bools") == [true, false, true])
        let nested = try #require(metadata["test.nested"]?.array)
        #expect(nested.values.map { $0.array?.ints } == [[1, 2], [3, 4, 5]])
        #expect(metadata.string("test.int8") == nil)
        #expect(metadata["absent"] == nil)
    }

    @Test func readsStringsAsBytes() throws {
        let strings = try #require(
            try GGUFFile(path: Goldens.path("v3.gguf")).metadata.stringArray("test.strings"))
        #expect(strings.count == 5)
        #expect(strings.withBytes(at: 2) { Array($0) } == Array("ééé".utf8))
        #expect(strings[4] == String(repeating: "a", count: 40))
    }

    @Test(arguments: ElementType.allCases.filter { $0.ggmlType < 1000 }) func readsTensors(type: ElementType)
        throws
    {
        let file = try GGUFFile(path: Goldens.path("v3.gguf"))
        let view = try file.require("\(type.golden).weight", shape: type.goldenShape)
        #expect(view.type == type)
        #expect(sameBits(try view.floats(), try Goldens.floats("\(type.golden).f32")))
    }

    @Test func putsTheOutermostDimensionFirst() throws {
        let view = try GGUFFile(path: Goldens.path("v3.gguf")).require("cube.weight")
        #expect(view.shape == [2, 6, 16])
        let values = try Goldens.floats("values.f32")
        var row = [Float](repeating: 0, count: 16)
        row.withUnsafeMutableBufferPointer { view.readRows(7..<8, into: $0) }
        #expect(row == Array(values[7 * 64..<7 * 64 + 16]))
    }

    @Test func namesTypesThatAreNotRead() throws {
        let file = try GGUFFile(path: Goldens.path("v3.gguf"))
        #expect(file.unreadableTensors.map(\.type) == ["I64", "Q8_1"])
        #expect(file.tensor(named: "k.weight") == nil)
        let error = try weightError { try file.require("k.weight") }
        #expect(error.code == .unsupported)
        #expect(
            error.message.contains("k.weight") && error.message.contains("Q8_1")
                && error.message.contains("save it as a dense, contiguous tensor of float32"))
        #expect(try weightError { try file.require("absent") }.code == .missingTensor)
        #expect(try weightError { try file.require("f32.weight", shape: [64, 12]) }.code == .shapeMismatch)
    }

    @Test func readsMemoryAndKeepsItAlive() throws {
        let view: TensorView = try {
            let file = try GGUFFile(region: region(Goldens.bytes("v3.gguf")), name: "the built-in model")
            return try file.require("q8_0.weight")
        }()
        #expect(view.file == "the built-in model")
        #expect(sameBits(try view.floats(), try Goldens.floats("q8_0.f32")))
    }
}

/// Files that contradict themselves.
@Suite struct MalformedGGUFTests {
    struct Tensor {
        var name = "t"
        var dimensions: [UInt64] = [8]
        var type: UInt32 = 0
        var offset: UInt64 = 0
    }

    private func open(
        _ tensors: [Tensor], values: [(String, UInt32, [UInt8])] = [], data: Int = 64, version: UInt32 = 3,
        tensorCount: UInt64? = nil
    ) throws -> GGUFFile {
        var bytes = Array("GGUF".utf8)
        bytes.put(version)
        bytes.put(tensorCount ?? UInt64(tensors.count))
        bytes.put(UInt64(values.count))
        for (key, type, value) in values {
            bytes.put(string: key)
            bytes.put(type)
            bytes += value
        }
        for tensor in tensors {
            bytes.put(string: tensor.name)
            bytes.put(UInt32(tensor.dimensions.count))
            for dimension in tensor.dimensions { bytes.put(dimension) }
            bytes.put(tensor.type)
            bytes.put(tensor.offset)
        }
        while bytes.count % 32 != 0 { bytes.append(0) }
        bytes += [UInt8](repeating: 1, count: data)
        return try GGUFFile(region: region(bytes), name: "f.gguf")
    }

    private func expectMalformed(_ part: String, _ body: () throws -> GGUFFile) throws {
        let error = try weightError(body)
        #expect(error.code == .malformed)
        #expect(error.message.hasPrefix("f.gguf: ") && error.message.contains(part), "\(error.message)")
    }

    @Test func acceptsAWellFormedOne() throws {
        #expect(try open([Tensor()]).tensorNames == ["t"])
        #expect(try open([Tensor(dimensions: [])]).require("t").shape == [])
        #expect(try open([Tensor(dimensions: [0, 3], offset: 64)]).require("t").floats() == [])
        #expect(try open([]).tensorNames == [])
    }

    @Test func refusesBadTensors() throws {
        try expectMalformed("\"t\" is listed twice") { try open([Tensor(), Tensor(offset: 32)]) }
        try expectMalformed("share bytes") {
            try open([Tensor(dimensions: [16]), Tensor(name: "u", offset: 32)])
        }
        try expectMalformed("share bytes") {
            try open([Tensor(dimensions: [16]), Tensor(name: "u", type: 9, offset: 32)])
        }
        try expectMalformed("multiple of the alignment 32") { try open([Tensor(offset: 4)]) }
        try expectMalformed("ends before that") { try open([Tensor(dimensions: [17])]) }
        try expectMalformed("ends before that") { try open([Tensor(offset: 1 << 62)]) }
        try expectMalformed("after the end") { try open([Tensor(type: 9, offset: 1 << 40)]) }
        try expectMalformed("too large") { try open([Tensor(dimensions: [1 << 40, 1 << 40])]) }
        try expectMalformed("too large") { try open([Tensor(dimensions: [UInt64.max])]) }
        try expectMalformed("multiple of 32") { try open([Tensor(dimensions: [33], type: 8)]) }
        try expectMalformed("multiple of 256") { try open([Tensor(dimensions: [128], type: 12)]) }
        try expectMalformed("ends before that") { try open([Tensor(dimensions: [256], type: 12)]) }
        try expectMalformed("dimensions") { try open([Tensor(dimensions: [1, 1, 1, 1, 1])]) }
        try expectMalformed("more than fit") { try open([Tensor()], tensorCount: 1 << 60) }
        try expectMalformed("cut off") { try open([Tensor(), Tensor(name: "u", offset: UInt64.max)]) }
    }

    @Test func refusesBadMetadata() throws {
        var nested: [UInt8] = []
        for _ in 0..<12 {
            nested.put(UInt32(9))
            nested.put(UInt64(1))
        }
        var long: [UInt8] = []
        long.put(UInt32(6))
        long.put(UInt64(1) << 62)
        var alignment: [UInt8] = []
        alignment.put(UInt32(24))
        try expectMalformed("nested too deep") { try open([], values: [("k", 9, nested)]) }
        try expectMalformed("\"k\"") { try open([], values: [("k", 9, long)]) }
        try expectMalformed("type 13") { try open([], values: [("k", 13, [0])]) }
        try expectMalformed("given twice") { try open([], values: [("k", 0, [0]), ("k", 0, [1])]) }
        try expectMalformed("power of two") { try open([], values: [("general.alignment", 4, alignment)]) }
        try expectMalformed("power of two") {
            try open([], values: [("general.alignment", 4, [0, 0, 0, 0])])
        }
    }

    @Test func refusesOtherVersions() throws {
        let old = try weightError { try open([], version: 1) }
        #expect(old.code == .unsupported && old.message.contains("version 1"))
        #expect(
            try weightError { try open([], version: UInt32(3).byteSwapped) }.message.contains("big-endian"))
        #expect(try weightError { try GGUFFile(region: region([]), name: "f.gguf") }.code == .malformed)
    }

    @Test func refusesAPartOfASplitFile() throws {
        #expect(
            try weightError { try open([], values: [("split.count", 2, [3, 0])]) }.message.contains(
                "one of 3 parts"))
        #expect(try open([], values: [("split.count", 2, [1, 0])]).tensorNames == [])
    }

    @Test func keepsTheTerminalSafe() throws {
        let error = try weightError {
            try open([Tensor(name: "a\u{1b}[2J\n"), Tensor(name: "a\u{1b}[2J\n", offset: 32)])
        }
        #expect(!error.message.unicodeScalars.contains { $0.value < 32 })
    }
}
