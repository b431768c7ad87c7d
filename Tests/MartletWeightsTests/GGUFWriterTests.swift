import MartletSystem
import Testing

@testable import MartletWeights

@Suite struct GGUFWriterTests {
    /// What the gguf package wrote, read and written again, is the same file to the byte.
    @Test func copiesAFile() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let original = try GGUFFile(path: Goldens.path("plain.gguf"))
        var writer = GGUFWriter(path: folder.file("copy.gguf"))
        for key in original.metadata.keys { try writer.add(key, .copied(#require(original.metadata[key]))) }
        for name in original.tensorNames { try writer.add(original.require(name)) }
        try writer.write()
        #expect(folder.contents == ["copy.gguf"])
        let copy = try MappedFile(path: folder.file("copy.gguf")).region.withUnsafeBytes { Array($0) }
        #expect(copy == (try Goldens.bytes("plain.gguf")))
    }

    @Test(arguments: ElementType.writable) func quantisesWhileItWrites(type: ElementType) throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let source = try SafetensorsFile(path: Goldens.path("single.safetensors")).require("embeddings.word")
        var writer = GGUFWriter(path: folder.file("q.gguf"))
        try writer.add("general.architecture", .string("bert"))
        try writer.add(source, name: "token_embd.weight", as: type)
        try writer.add("three", shape: [3], as: .f32) { (rows, buffer) throws(WeightError) in
            #expect(rows == 0..<1)
            for index in buffer.indices { buffer[index] = Float(index) }
        }
        try writer.write()
        let file = try GGUFFile(path: folder.file("q.gguf"))
        let view = try file.require("token_embd.weight", shape: [12, 64])
        #expect(view.type == type)
        #expect(view.bytes.withUnsafeBytes { Array($0) } == (try Goldens.bytes("\(type).stored")))
        #expect(try file.require("three").floats() == [0, 1, 2])
    }

    /// More rows than are quantised at a time.
    @Test func writesLargeTensorsInParts() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let rowCount = 9000
        var writer = GGUFWriter(path: folder.file("large.gguf"))
        try writer.add("large", shape: [rowCount, 64], as: .q8_0) { (rows, buffer) throws(WeightError) in
            for (row, start) in zip(rows, stride(from: 0, to: buffer.count, by: 64)) {
                for column in 0..<64 { buffer[start + column] = Float((row * 64 + column) % 4099) }
            }
        }
        try writer.write()
        let view = try GGUFFile(path: folder.file("large.gguf")).require("large")
        let expected = ElementType.q8_0.quantised((0..<rowCount * 64).map { Float($0 % 4099) })
        #expect(view.bytes.withUnsafeBytes { Array($0) } == expected)
    }

    @Test func writesEveryKindOfValue() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        var writer = GGUFWriter(path: folder.file("v.gguf"))
        try writer.add("strings", .strings(["", "é"]))
        try writer.add("int32s", .int32s([-1, 2]))
        try writer.add("uint32s", .uint32s([.max]))
        try writer.add("float32s", .float32s([0.5]))
        try writer.add("bools", .bools([true, false]))
        try writer.add("float64", .float64(0.1))
        try writer.add("int64", .int64(-5))
        try writer.add("uint16", .uint16(7))
        try writer.write()
        let metadata = try GGUFFile(path: folder.file("v.gguf")).metadata
        #expect(
            metadata.keys == [
                "strings", "int32s", "uint32s", "float32s", "bools", "float64", "int64", "uint16",
            ])
        #expect(metadata.strings("strings") == ["", "é"])
        #expect(metadata.ints("int32s") == [-1, 2])
        #expect(metadata.ints("uint32s") == [Int(UInt32.max)])
        #expect(metadata.floats("float32s") == [0.5])
        #expect(metadata.bools("bools") == [true, false])
        #expect(metadata.double("float64") == 0.1)
        #expect(metadata.int("int64") == -5 && metadata.int("uint16") == 7)
    }

    @Test func refusesWhatGGUFCannotHold() throws {
        var writer = GGUFWriter(path: "x.gguf")
        let view = TensorView(
            name: "t", type: .f32, shape: [1, 33], bytes: region([UInt8](repeating: 0, count: 132)), file: "f"
        )
        #expect(try weightError { try writer.add(view, as: .q8_0) }.message.contains("multiples of 32"))
        #expect(
            try weightError { try writer.add(view, name: String(repeating: "n", count: 64)) }.message
                .contains("63"))
        try writer.add(view, name: "u")
        #expect(try weightError { try writer.add(view, name: "u") }.message.contains("twice"))
        try writer.add("k", .bool(true))
        #expect(try weightError { try writer.add("k", .bool(true)) }.message.contains("twice"))
    }

    @Test func refusesTypesThatAreOnlyRead() throws {
        let view = try SafetensorsFile(path: Goldens.path("single.safetensors")).require("embeddings.word")
        var writer = GGUFWriter(path: "never.gguf")
        let error = try weightError { try writer.add(view, as: .q6_K) }
        #expect(
            error.code == .unsupported && error.message.contains("q6_K")
                && error.message.contains("q5_1 are written"))
        #expect(
            try weightError { try writer.add("t", shape: [1, 256], as: .q4_K) { _, _ in } }.code
                == .unsupported)
    }

    @Test(arguments: [Float.nan, .infinity, 70000]) func refusesValuesThatTheTypeCannotHold(value: Float)
        throws
    {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let target = try folder.write([1, 2, 3], to: "old.gguf")
        for type in ElementType.writable where type != .f32 && !(type == .bf16 && value == 70000) {
            var writer = GGUFWriter(path: target)
            try writer.add("t", shape: [2, 32], as: type) { (_, buffer) throws(WeightError) in
                buffer.update(repeating: 0)
                buffer[40] = value
            }
            let error = try weightError { try writer.write() }
            #expect(error.code == .invalidValue)
            #expect(
                error.message.contains("element 40 of tensor \"t\"") && error.message.contains(type.rawValue))
        }
        // The file that was there is as it was, and nothing else is left.
        #expect(folder.contents == ["old.gguf"])
        #expect(try MappedFile(path: target).region.withUnsafeBytes { Array($0) } == [1, 2, 3])
    }

    @Test func reportsAFolderThatIsNotThere() throws {
        let writer = GGUFWriter(path: "/nonexistent/x.gguf")
        let error = try weightError { try writer.write() }
        #expect(error.code == .io)
        #expect(error.message == "cannot write /nonexistent/x.gguf: No such file or directory")
    }

    #if os(Linux)
    @Test func refusesToReplaceADevice() throws {
        let error = try weightError { try GGUFWriter(path: "/dev/full").write() }
        #expect(error.code == .io && error.message.contains("not a regular file"))
    }
    #endif
}
