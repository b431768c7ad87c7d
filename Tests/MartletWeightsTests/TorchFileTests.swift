import MartletCompute
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
        #expect(try weightError { try file.require("count") }.message.contains("LongStorage"))
    }

    /// A pickle that calls a function is refused by the name of the function.
    @Test func code() throws {
        let error = try weightError { try TorchFile(path: Goldens.path("code.pt")) }
        #expect(error.code == .unsupported && error.message.contains("\"__builtin__.print\"") && error.message.contains("safetensors"))
    }

    /// A zip file with one member, data.pkl.
    private func archive(_ pickle: [UInt8], method: UInt16 = 0) -> [UInt8] {
        let name = Array("x/data.pkl".utf8)
        func sizes(_ bytes: inout [UInt8]) {
            for value in [0, UInt32(pickle.count), UInt32(pickle.count)] { bytes.put(value) }
            bytes.put(UInt16(name.count))
            bytes.put(UInt16(0))
        }
        var bytes: [UInt8] = []
        bytes.put(UInt32(0x0403_4b50))
        for value in [10, 0, method, 0, 0] { bytes.put(value) }
        sizes(&bytes)
        bytes += name + pickle
        let start = bytes.count
        bytes.put(UInt32(0x0201_4b50))
        for value in [10, 10, 0, method, 0, 0] { bytes.put(value) }
        sizes(&bytes)
        for value in [UInt16(0), 0, 0] { bytes.put(value) }
        for value in [UInt32(0), 0] { bytes.put(value) }
        bytes += name
        let end = bytes.count
        bytes.put(UInt32(0x0605_4b50))
        for value in [UInt16(0), 0, 1, 1] { bytes.put(value) }
        for value in [UInt32(end - start), UInt32(start)] { bytes.put(value) }
        bytes.put(UInt16(0))
        return bytes
    }

    private func message(_ pickle: [UInt8], method: UInt16 = 0) throws -> String {
        try weightError { try TorchFile(region: region(archive(pickle, method: method)), name: "made") }.message
    }

    @Test func hostilePickles() throws {
        #expect(try TorchFile(region: region(archive(Array("\u{7d}.".utf8))), name: "made").tensorNames.isEmpty)
        #expect(try message([]).contains("cut off"))
        #expect(try message(Array(".".utf8)).contains("no dictionary"))
        #expect(try message(Array("cos\nsystem\n(X\u{2}\0\0\0ls\u{74}R.".utf8)).contains("\"os.system\""))
        // Instructions that make objects of classes, or look names up by the stack.
        for code in [UInt8(ascii: "i"), UInt8(ascii: "o"), 0x81, 0x93, 0x82, UInt8(ascii: "P")] {
            #expect(try message([UInt8(ascii: "}"), code]).contains("the instruction \(code)"))
        }
        // Tuples in tuples in tuples, as deep as the file is long, would be costly to let go.
        #expect(try message(Array("Nq\0".utf8) + Array(repeating: 0x85, count: 1000)).contains("tuples in tuples"))
        #expect(try message(Array("h\u{7}.".utf8)).contains("cut off or damaged"))
        #expect(try message(Array("\u{7d}.".utf8), method: 8).contains("compressed"))
        #expect(try message(Array(repeating: UInt8(ascii: "}"), count: 1 << 20 | 1)).contains("more than names need"))
    }

    @Test func otherFiles() throws {
        let error = try weightError { try TorchFile(region: region(Array("\u{80}\u{2}}.".utf8)), name: "old") }
        #expect(error.message.contains("no zip file"))
    }
}
