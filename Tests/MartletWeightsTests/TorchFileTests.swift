import MartletSystem
import Testing

@testable import MartletWeights

/// Files of torch.save are read as data, see Scripts/torch-goldens.py.
@Suite struct TorchFileTests {
    private let base = (0..<40).map { Float($0) / 8 - 2 }

    @Test func tensors() throws {
        let file = try TorchFile(path: Goldens.path("state.pt"))
        #expect(file.tensorNames == ["weight", "rest", "small", "brain"])
        #expect(try file.require("weight", shape: [3, 4]).floats() == Array(base[..<12]))
        #expect(try file.require("rest", shape: [8]).floats() == Array(base[12..<20]))
        #expect(try file.require("small", shape: [2, 3]).floats() == Array(base[..<6]))
        #expect(try file.require("brain", shape: [5]).floats() == Array(base[..<5]))
        #expect(try weightError { try file.require("count") }.message.contains("int64"))
    }

    /// Sixteen numbers in each form that is read; other kinds are named, with what to do.
    @Test func kinds() throws {
        let file = try TorchFile(path: Goldens.path("kinds.pt"))
        #expect(
            file.tensorNames == [
                "float64", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2", "transposed",
                "transposed float16", "every second", "columns", "rows", "turned", "one row", "shared 1",
                "shared 2", "parameter", "parameter with attributes", "tensor with attributes",
            ])
        for name in file.tensorNames {
            let tensor = try file.require(name)
            let shape = name == "turned" ? [2, 2, 4] : name == "one row" ? [1, 16] : [4, 4]
            #expect(tensor.shape == shape, "\(name)")
            #expect(try tensor.floats() == Array(base[8..<24]), "\(name)")
            // Rows alone, as tables are read.
            var row = [Float](repeating: 0, count: tensor.rowLength)
            for index in 0..<tensor.rowCount {
                row.withUnsafeMutableBufferPointer { tensor.readRows(index..<index + 1, into: $0) }
                let start = 8 + index * tensor.rowLength
                #expect(row == Array(base[start..<start + tensor.rowLength]), "\(name)")
            }
        }
        #expect(file.unreadableTensors.count == 27)
        for other in file.unreadableTensors {
            #expect(other.type.contains(other.name), "\(other)")
            let message = try weightError { try file.require(other.name) }.message
            #expect(
                message.contains("\"\(other.name)\" is stored as \(other.type)")
                    && message.contains("save it as a dense, contiguous tensor of float32"), "\(message)")
        }
    }

    @Test func tensorsInAMember() throws {
        let error = try weightError { try TorchFile(path: Goldens.path("inner.pt")) }
        #expect(error.message.contains("\"model\"") && error.message.contains("save that member by itself"))
    }

    /// A pickle that calls a function is refused by the name of the function.
    @Test func code() throws {
        let error = try weightError { try TorchFile(path: Goldens.path("code.pt")) }
        #expect(
            error.code == .unsupported && error.message.contains("\"__builtin__.print\" for \"weight\"")
                && error.message.contains("safetensors"))
    }

    /// A zip file with data.pkl and what lies beside it.
    private func archive(
        _ pickle: [UInt8], method: UInt16 = 0, storages: [(key: String, bytes: [UInt8])] = [],
        isWide: Bool = false
    ) -> [UInt8] {
        var zip = ZipBytes()
        zip.isWide = isWide
        zip.add("x/data.pkl", pickle, method: method)
        for (key, bytes) in storages { zip.add("x/data/\(key)", bytes) }
        return zip.finished()
    }

    private func message(_ pickle: [UInt8], method: UInt16 = 0) throws -> String {
        try weightError { try TorchFile(region: region(archive(pickle, method: method)), name: "made") }
            .message
    }

    @Test func hostilePickles() throws {
        #expect(
            try TorchFile(region: region(archive(Array("\u{7d}.".utf8))), name: "made").tensorNames.isEmpty)
        #expect(try message([]).contains("cut off"))
        #expect(try message(Array(".".utf8)).contains("no dictionary"))
        #expect(try message(Array("cos\nsystem\n(X\u{2}\0\0\0ls\u{74}R.".utf8)).contains("\"os.system\""))
        // Instructions that make objects of classes, or look names up by the stack.
        for code in [UInt8(ascii: "i"), UInt8(ascii: "o"), 0x81, 0x93, 0x82, UInt8(ascii: "P")] {
            #expect(try message([UInt8(ascii: "}"), code]).contains("the instruction \(code)"))
        }
        // Tuples in tuples in tuples, as deep as the file is long, would be costly to let go.
        let tuples = Array(repeating: UInt8(0x85), count: 500_000)
        #expect(try message(Array("N".utf8) + tuples + Array(".".utf8)).contains("no dictionary"))
        #expect(try message(Array("h\u{7}.".utf8)).contains("cut off or damaged"))
        #expect(try message(Array("\u{7d}.".utf8), method: 8).contains("compressed"))
        #expect(
            try message(Array(repeating: UInt8(ascii: "}"), count: 1 << 20 | 1)).contains(
                "more than names need"))
    }

    /// A dictionary of one tensor: a float of storage `key` under a shape of `dimensions` ones.
    private func pickle(dimensions: Int, key: String = "0") -> [UInt8] {
        func string(_ text: String) -> [UInt8] {
            var bytes = [UInt8(ascii: "X")]
            bytes.put(UInt32(text.utf8.count))
            return bytes + text.utf8
        }
        let ones = (0..<dimensions).flatMap { _ in [UInt8(ascii: "K"), 1] }
        var bytes = Array("}(".utf8) + string("a") + Array("ctorch._utils\n_rebuild_tensor_v2\n((".utf8)
        bytes += string("storage") + Array("ctorch\nFloatStorage\n".utf8) + string(key) + string("cpu")
        // The strides are the shape once more, from the memo.
        return bytes + Array("K\u{1}tQK\0(".utf8) + ones + Array("tq\0h\0tRu.".utf8)
    }

    /// A shape in the memo costs one instruction for each further tensor of it, so that a long one would be
    /// compared again and again.
    @Test func longShapes() throws {
        let storages: [(key: String, bytes: [UInt8])] = [("0", [0, 0, 0x80, 0x3f])]
        let file = try TorchFile(
            region: region(archive(pickle(dimensions: 64), storages: storages)), name: "made")
        #expect(try file.require("a", shape: Array(repeating: 1, count: 64)).floats() == [1])
        #expect(
            try message(pickle(dimensions: 65)).contains("a tensor of 65 dimensions; at most 64 are expected")
        )
        #expect(try message(pickle(dimensions: 100_000)).contains("a tensor of 100000 dimensions"))
        #expect(
            try message(pickle(dimensions: 1, key: String(repeating: "0", count: 65))).contains(
                "no storage of torch's"))
    }

    /// The fields of files above 4 GiB, in a small one.
    @Test func wideDirectory() throws {
        let whole = archive(pickle(dimensions: 2), storages: [("0", [0, 0, 0x20, 0x41])], isWide: true)
        #expect(
            try TorchFile(region: region(whole), name: "made").require("a", shape: [1, 1]).floats() == [10])
        func message(_ old: [UInt8], _ new: [UInt8]) throws -> String {
            var bytes = whole
            let place = try #require(bytes.firstRange(of: old))
            bytes.replaceSubrange(place, with: new)
            return try weightError { try TorchFile(region: region(bytes), name: "made") }.message
        }
        // An entry without its field of 64 bits, and one that is too short.
        #expect(try message([1, 0, 24, 0], [2, 0, 24, 0]).contains("directory is cut off or damaged"))
        #expect(try message([1, 0, 24, 0], [1, 0, 16, 0]).contains("directory is cut off or damaged"))
        // Neither a locator nor the record that it leads to.
        for magic in [UInt8(6), 7] {
            #expect(
                try message([0x50, 0x4b, 6, magic], [0, 0, 0, 0]).contains("does not lead to its directory"))
        }
        // Sizes and offsets that no Int holds, or no file has.
        for last in [UInt8(0x7f), 0xff] {
            var bytes = whole
            let field = try #require(bytes.firstRange(of: [1, 0, 24, 0])).upperBound
            for start in [field, field + 8, field + 16] { bytes[start + 7] = last }
            #expect(throws: WeightError.self) { try TorchFile(region: region(bytes), name: "made") }
            bytes = whole
            let end = bytes.count - 22 - 20
            for start in [end + 8, end - 8, end - 24] { bytes[start + 7] = last }
            #expect(throws: WeightError.self) { try TorchFile(region: region(bytes), name: "made") }
        }
    }

    @Test func otherFiles() throws {
        let error = try weightError {
            try TorchFile(region: region(Array("\u{80}\u{2}}.".utf8)), name: "old")
        }
        #expect(error.message.contains("no zip file"))
    }
}
