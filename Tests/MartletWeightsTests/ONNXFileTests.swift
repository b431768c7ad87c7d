import MartletSystem
import MartletTestSupport
import Testing

@testable import MartletWeights

/// ONNX models made field by field: names, turned matrices, and what is refused.
@Suite struct ONNXFileTests {
    /// Protobuf messages.
    struct Message {
        var bytes: [UInt8] = []

        static func varint(_ value: UInt64) -> [UInt8] {
            var (value, bytes) = (value, [UInt8]())
            while value >= 0x80 {
                bytes.append(UInt8(value & 0x7f) | 0x80)
                value >>= 7
            }
            return bytes + [UInt8(value)]
        }

        func with(_ field: UInt64, _ number: UInt64) -> Message {
            Message(bytes: bytes + Self.varint(field << 3) + Self.varint(number))
        }

        func with(_ field: UInt64, _ part: [UInt8]) -> Message {
            Message(bytes: bytes + Self.varint(field << 3 | 2) + Self.varint(UInt64(part.count)) + part)
        }

        func with(_ field: UInt64, _ text: String) -> Message { with(field, Array(text.utf8)) }
        func with(_ field: UInt64, _ part: Message) -> Message { with(field, part.bytes) }
    }

    private func stored(_ values: [Float]) -> [UInt8] {
        values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian) { Array($0) } }
    }

    private func tensor(_ name: String, _ shape: [UInt64], _ values: [Float], type: UInt64 = 1) -> Message {
        shape.reduce(Message()) { $0.with(1, $1) }.with(2, type).with(8, name).with(9, stored(values))
    }

    private func node(_ kind: String, _ name: String, _ inputs: [String], _ output: String) -> Message {
        inputs.reduce(Message()) { $0.with(1, $1) }.with(2, output).with(3, name).with(4, kind)
    }

    private func attribute(_ name: String, _ bits: UInt32) -> Message {
        Message(
            bytes: Message().with(1, name).bytes + [0x15]
                + withUnsafeBytes(of: bits.littleEndian) { Array($0) }
        ).with(20, 1)
    }

    private func transB() -> Message { Message().with(1, "transB").with(3, 1).with(20, 2) }

    private func model(_ tensors: [Message], _ nodes: [Message]) -> [UInt8] {
        let graph = tensors.reduce(nodes.reduce(Message()) { $0.with(1, $1) }) { $0.with(5, $1) }
        return Message().with(1, 8).with(2, "test").with(7, graph).bytes
    }

    private func open(_ tensors: [Message], _ nodes: [Message], folder: String? = nil) throws -> ONNXFile {
        try ONNXFile(region: region(model(tensors, nodes)), name: "m.onnx", folder: folder)
    }

    private let six: [Float] = [1, 2, 3, 4, 5, 6]
    private let turned: [Float] = [1, 4, 2, 5, 3, 6]

    @Test func theBiasNamesAMatrix() throws {
        let file = try open(
            [
                tensor("onnx::MatMul_9", [2, 3], six), tensor("w.a.query.bias", [3], [1, 2, 3]),
                tensor("w.b.weight", [1], [7]),
            ],
            [
                node("MatMul", "MatMul_4", ["x", "onnx::MatMul_9"], "y"),
                node("Add", "Add_5", ["w.a.query.bias", "y"], "z"),
            ])
        #expect(file.tensorNames == ["a.query.bias", "a.query.weight", "b.weight"])
        let weight = try file.require("a.query.weight", shape: [3, 2])
        #expect(try weight.floats() == turned)
        #expect(weight.name == "a.query.weight")
    }

    @Test func theOperationNamesAMatrix() throws {
        let file = try open(
            [tensor("onnx::MatMul_9", [2, 3], six), tensor("norm.weight", [1], [7])],
            [node("MatMul", "/layers.0/attn/Wqkv/MatMul", ["x", "onnx::MatMul_9"], "y")])
        #expect(try file.require("layers.0.attn.Wqkv.weight").floats() == turned)
        #expect(file.elements(of: "layers.0.attn.Wqkv.weight")?.count == 6)
    }

    @Test func usesDecideHowAMatrixLies() throws {
        let named = tensor("a.weight", [2, 3], six)
        let other = tensor("b.weight", [1], [7])
        func matrix(_ nodes: [Message]) throws -> TensorView {
            try open([named, other], nodes).require("a.weight")
        }
        #expect(try matrix([]).floats() == six)
        #expect(try matrix([node("MatMul", "", ["x", "a.weight"], "y")]).floats() == turned)
        #expect(try matrix([node("Gemm", "", ["x", "a.weight", "c"], "y")]).floats() == turned)
        #expect(
            try matrix([node("Gemm", "", ["x", "a.weight", "c"], "y").with(5, transB())]).floats() == six)
        let through = [node("Transpose", "", ["a.weight"], "t"), node("MatMul", "", ["x", "t"], "y")]
        #expect(try matrix(through).floats() == six)
        #expect(try matrix([node("Gather", "", ["a.weight", "ids"], "y")]).floats() == six)
    }

    /// Only with the factors that a linear layer has are the constants its weight and bias.
    @Test func productsWithFactorsAreRefused() throws {
        let constants = [tensor("a.weight", [2, 3], six), tensor("b.bias", [3], [1, 2, 3])]
        func open(_ changes: Message...) throws -> ONNXFile {
            try self.open(
                constants,
                [
                    changes.reduce(node("Gemm", "/a/Gemm", ["x", "a.weight", "b.bias"], "y")) {
                        $0.with(5, $1)
                    }
                ])
        }
        let one = attribute("alpha", Float(1).bitPattern)
        #expect(try open(one, attribute("beta", Float(1).bitPattern)).require("a.weight").floats() == turned)
        for (change, word) in [
            (attribute("alpha", Float(0.5).bitPattern), "alpha 0.5"),
            (attribute("beta", Float(0).bitPattern), "beta 0.0"),
            (Message().with(1, "transA").with(3, 1).with(20, 2), "transA 1"),
            (attribute("alpha", Float.nan.bitPattern), "alpha nan"),
        ] {
            let error = try weightError { try open(change) }
            #expect(
                error.code == .unsupported && error.message.contains("\"/a/Gemm\" is a Gemm with \(word)"),
                "\(error.message)")
        }
    }

    /// Names and uses that would take hours if the work grew with their square.
    @Test func hostileGraphsTakeLinearWork() throws {
        let many = 20_000
        let weights = [
            tensor("onnx::MatMul_9", [2, 3], six), tensor("w.a.bias", [3], [1, 2, 3]),
            tensor("w.b.weight", [6], six),
        ]
        let products = [Message](repeating: node("MatMul", "", ["x", "onnx::MatMul_9"], "y"), count: many)
        let sums = [Message](repeating: node("Add", "", ["y", "y"], "z"), count: many)
        let wide = node("Add", "", [String](repeating: "y", count: many), "z")
        let named = node("Add", "", ["y", "w.a.bias"], "z")
        let file = try open(weights, products + sums + [wide, named])
        #expect(try file.require("a.weight", shape: [3, 2]).floats() == turned)
        let deep = String(repeating: "a.", count: many)
        let names = try open(
            [tensor(deep + "b.weight", [1], [1]), tensor(deep + "layers.0.weight", [1], [2])], []
        ).tensorNames
        #expect(names == ["b.weight", "layers.0.weight"])
    }

    @Test func layersAreNoWrapper() throws {
        func names(_ names: String...) throws -> [String] {
            try open(names.map { tensor($0, [1], [1]) }, []).tensorNames
        }
        #expect(
            try names("m.layers.0.weight", "m.layers.1.weight") == ["layers.0.weight", "layers.1.weight"])
        #expect(try names("m.a.weight", "m.") == ["m.", "m.a.weight"])
        #expect(try names("m.a.weight") == ["m.a.weight"])
        #expect(try names(".a.weight", ".b.weight") == [".a.weight", ".b.weight"])
    }

    @Test func shapesAreShort() throws {
        let shape = [UInt64](repeating: 1, count: 65)
        #expect(
            try open([tensor("a.weight", Array(shape.dropLast()), [1])], []).require("a.weight").shape.count
                == 64)
        #expect(
            try weightError { try open([tensor("a.weight", shape, [1])], []) }.message.contains(
                "more than 64 numbers"))
        let packed = Message().with(1, [UInt8](repeating: 1, count: 65)).with(2, 1).with(8, "a.weight").with(
            9, stored([1]))
        #expect(try weightError { try open([packed], []) }.message.contains("more than 64 numbers"))
    }

    @Test func copiesAreTensorsToo() throws {
        let file = try open(
            [tensor("a.weight", [2], [1, 2])],
            [node("Identity", "", ["a.weight"], "b.weight"), node("Relu", "", ["a.weight"], "c.weight")])
        #expect(file.tensorNames == ["a.weight", "b.weight"])
        #expect(try file.require("b.weight").floats() == [1, 2])
    }

    @Test func packedFloatsAreRead() throws {
        let bytes = stored([2, 2])
        let packed = Message().with(1, [2]).with(2, 1).with(8, "a.weight").with(4, bytes)
        let scattered = Message().with(1, [1]).with(2, 11).with(8, "b.weight").with(10, bytes)
        let file = try open([packed, scattered], [])
        #expect(try file.require("a.weight").floats() == [2, 2])
        let error = try weightError { try file.require("b.weight") }
        #expect(error.code == .unsupported && error.message.contains("DOUBLE"))
    }

    @Test(arguments: ["MatMulInteger", "DequantizeLinear", "QAttention", "FusedMatMul"])
    func refusesOtherGraphs(kind: String) throws {
        let error = try weightError {
            try open([tensor("a.weight", [2], [1, 2])], [node(kind, "", ["a.weight"], "y")])
        }
        #expect(
            error.code == .unsupported && error.message.contains(kind)
                && error.message.contains("safetensors"))
    }

    private func constant(_ name: String, _ type: UInt64, _ shape: [UInt64], _ bytes: [UInt8]) -> Message {
        shape.reduce(Message()) { $0.with(1, $1) }.with(2, type).with(8, name).with(9, bytes)
    }

    /// Scales that fit one of two matrices would be read past their end for the other.
    @Test func namesComeOnce() throws {
        let product = node("MatMulInteger", "", ["x", "a.weight_quantized"], "y")
        let codes = constant("a.weight_quantized", 3, [1, 2], [1, 2])
        let more = constant("a.weight_quantized", 3, [1, 4], [1, 2, 3, 4])
        let coding = [
            tensor("a.weight_scale", [2], [1, 2]), constant("a.weight_zero_point", 3, [2], [0, 0]),
        ]
        for constants in [[codes, more], [more, codes], [codes, codes]] {
            let error = try weightError { try open(constants + coding, [product]) }
            #expect(
                error.code == .malformed && error.message.contains("\"a.weight_quantized\" comes twice"),
                "\(error.message)")
        }
        let made = node("Constant", "", [], "b.weight").with(
            5, Message().with(1, "value").with(5, tensor("", [1], [1])).with(20, 4))
        #expect(
            try weightError { try open([tensor("b.weight", [1], [2])], [made]) }.message.contains(
                "\"b.weight\" comes twice"))
        // A matrix that is there as floats too is another constant, and has no scales.
        let floats = tensor("a.weight", [1, 4], [1, 2, 3, 4])
        #expect(try open([codes, floats] + coding, [product]).require("a.weight").floats() == [1, 2, 3, 4])
        #expect(try open([floats, codes] + coding, [product]).require("a.weight").floats() == [1, 4])
    }

    /// Codes whose scale is missing, or of another type than their zero point, are no numbers.
    @Test func codesNeedScaleAndZeroPoint() throws {
        let product = node("MatMulInteger", "", ["x", "a.weight_quantized"], "y")
        let codes = constant("a.weight_quantized", 3, [2, 2], [1, 2, 3, 0xFF])
        let scale = constant("a.weight_scale", 1, [], [0, 0, 0, 0x40])
        let file = try open([codes, scale, constant("a.weight_zero_point", 3, [], [1])], [product])
        // The stored matrix is inputs by outputs.
        #expect(try file.require("a.weight").floats() == [0, 4, 2, -4])
        for constants in [
            [codes, scale], [codes, constant("a.weight_zero_point", 3, [], [1])],
            [codes, scale, constant("a.weight_zero_point", 2, [], [1])],
            [codes, scale, constant("a.weight_zero_point", 3, [3], [1, 1, 1])],
        ] {
            let error = try weightError { try open(constants, [product]) }
            #expect(error.code == .unsupported && error.message.contains("MatMulInteger"))
        }
    }

    @Test func fusedAttentionIsRefusedAndPlainIsNot() throws {
        let fused = node("Attention", "", ["x", "a.weight"], "y").with(7, "com.microsoft")
        #expect(
            try weightError { try open([tensor("a.weight", [2], [1, 2])], [fused]) }.message.contains(
                "Attention"))
        #expect(
            try open([tensor("a.weight", [2], [1, 2])], [node("Attention", "", ["x"], "y")]).tensorNames == [
                "a.weight"
            ])
    }

    @Test func twoTensorsOfOneNameAreRefused() throws {
        let error = try weightError {
            try open(
                [tensor("1", [2, 3], six), tensor("2", [2, 3], six), tensor("c.weight", [1], [1])],
                [
                    node("MatMul", "/a/MatMul", ["x", "1"], "y"),
                    node("MatMul", "/a/MatMul_1", ["x", "2"], "z"),
                ])
        }
        #expect(error.code == .malformed && error.message.contains("\"a.weight\""))
    }

    @Test func refusesShapesThatDoNotFit() throws {
        for shape: [UInt64] in [[3], [.max], [1 << 62, 4], [1 << 40]] {
            let error = try weightError { try open([tensor("a.weight", shape, [1, 2])], []) }
            #expect(error.code == .malformed && error.message.contains("\"a.weight\""))
        }
        func message(_ bytes: [UInt8]) throws -> String {
            try weightError { try ONNXFile(region: region(bytes), name: "m.onnx", folder: nil) }.message
        }
        #expect(try message([8, 8, 0x3a, 5, 1]).contains("cut off"))
        #expect(try message([8, 8]).contains("no graph"))
    }

    private func outside(_ location: String, _ offset: String = "4", _ length: String? = "8") -> Message {
        func entry(_ key: String, _ value: String) -> Message { Message().with(1, key).with(2, value) }
        let tensor = Message().with(1, [2]).with(2, 1).with(8, "a.weight")
        let place = tensor.with(13, entry("location", location)).with(13, entry("offset", offset))
        return (length.map { place.with(13, entry("length", $0)) } ?? place).with(14, 1)
    }

    @Test func readsDataBesideTheModel() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        _ = try folder.write(stored(six), to: "m.onnx_data")
        #expect(
            try open([outside("m.onnx_data")], [], folder: folder.path + "/").require("a.weight").floats()
                == [2, 3])
        #expect(
            try open([outside("m.onnx_data", "0", nil)], [], folder: folder.path + "/").require("a.weight")
                .floats() == [1, 2])
        for (location, offset, length) in [
            ("m.onnx_data", "20", "8"), ("m.onnx_data", "9223372036854775807", "8"),
            ("m.onnx_data", "0", "12"), ("m.onnx_data", "-4", "8"),
            ("m.onnx_data", "x", "8"), ("../m.onnx_data", "0", "8"), ("/etc/passwd", "0", "8"),
            ("..", "0", "8"), ("", "0", "8"),
            ("a\\b", "0", "8"),
        ] {
            let error = try weightError {
                try open([outside(location, offset, length)], [], folder: folder.path + "/")
            }
            #expect(
                error.code == .malformed && error.message.contains("\"a.weight\""),
                "\(location) \(offset) \(length)")
        }
        #expect(try weightError { try open([outside("absent")], [], folder: folder.path + "/") }.code == .io)
        #expect(try weightError { try open([outside("m.onnx_data")], []) }.code == .unsupported)
    }

    /// A matrix without columns may say that it has almost any number of rows.
    @Test func aHugeMatrixOfNothing() throws {
        func open(_ rows: UInt64) throws -> ONNXFile {
            try self.open(
                [tensor("onnx::MatMul_9", [rows, 0], [])],
                [node("MatMul", "/w/a/MatMul", ["x", "onnx::MatMul_9"], "y")])
        }
        #expect(try open(1 << 40).require("w.a.weight").shape == [0, 1 << 40])
        #expect(try weightError { try open(1 << 62) }.message.contains("\"onnx::MatMul_9\""))
    }

    /// Each is refused with the module's error, or gives tensors of the size that they say.
    @Test func mutatedModels() throws {
        let original = model(
            [
                tensor("onnx::MatMul_9", [2, 3], six), tensor("w.a.bias", [3], [1, 2, 3]),
                tensor("w.b.weight", [6], six),
                tensor("w.c.weight", [3, 2], six),
            ],
            [
                node("MatMul", "/w/a/MatMul", ["x", "onnx::MatMul_9"], "y"),
                node("Add", "Add_5", ["w.a.bias", "y"], "z"),
                node("Gemm", "/w/c/Gemm", ["z", "w.c.weight"], "o").with(5, transB()),
                node("Identity", "", ["w.b.weight"], "w.d.weight"),
            ])
        #expect(try ONNXFile(region: region(original), name: "fuzz", folder: nil).tensorNames.count == 5)
        var random = SplitMix64(state: 11)
        var accepted = 0
        for _ in 0..<FuzzTests.rounds {
            let bytes = FuzzTests.mutate(original, headerEnd: original.count, &random)
            do throws(WeightError) {
                let file = try ONNXFile(region: region(bytes), name: "fuzz", folder: nil)
                for name in file.tensorNames {
                    let count = try file.require(name).floats().count
                    #expect(count == file.elements(of: name)?.count)
                }
                for tensor in file.unreadableTensors {
                    #expect(throws: WeightError.self) { try file.require(tensor.name) }
                }
                accepted += 1
            } catch {
                #expect(error.message.hasPrefix("fuzz") && !error.message.contains("\n"), "\(error.message)")
            }
        }
        #expect(accepted > 0 && accepted < FuzzTests.rounds)
        for count in 0..<original.count {
            #expect(throws: WeightError.self) {
                try ONNXFile(region: region(Array(original[..<count])), name: "fuzz", folder: nil)
            }
        }
    }
}
