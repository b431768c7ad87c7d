import MartletJSON
import MartletSystem
import Testing

@testable import MartletWeights

/// Matrices that are stored as codes and scales have the values that Scripts/quantised-goldens.py says.
@Suite struct QuantisedSourceTests {
    static let forms =
        [
            "fp8-tensor", "fp8-channel", "fp8-block", "int8-channel", "int4-packed", "nvfp4-modelopt",
            "nvfp4-packed", "mxfp4-packed", "mlx-mxfp4-4-32", "mlx-mxfp8-8-32", "mlx-nvfp4-4-16",
            "mlx-affine-4-32",
        ] + [2, 3, 4, 5, 6, 8].map { "mlx-affine-\($0)-64" }

    private func open(_ form: String, edit: (String) -> String = { $0 }) throws -> any WeightSource {
        let path = try Goldens.path("quantised/\(form)")
        let text = String(decoding: try Goldens.bytes("quantised/\(form).json"), as: UTF8.self)
        let json = try JSONValue.parse(utf8: edit(text))
        return try WeightSources.open(
            path: path + ".safetensors", configuration: json, file: "config.json"
        )
    }

    static let wordForms = [
        "gptq-2-v2", "gptq-3", "gptq-4", "gptq-4-plain", "gptq-4-reordered", "gptq-8", "awq-4",
    ]

    @Test(arguments: forms + wordForms) func values(_ form: String) throws {
        let source = try open(form)
        let expected = try Goldens.floats("quantised/\(form).f32")
        let shape = Self.wordForms.contains(form) ? [32, 96] : [6, 192]
        let view = try source.require("layer.weight", shape: shape)
        let found = try view.floats()
        #expect(found.count == expected.count)
        for (index, (a, b)) in zip(found, expected).enumerated() where abs(a - b) > 2e-7 * max(abs(b), 0.1) {
            Issue.record("\(form): element \(index) is \(a), expected \(b)")
            break
        }
        #expect(source.tensorNames == ["layer.weight"] && source.unreadableTensors.isEmpty)
        // Rows from the middle are the same.
        var rows = [Float](repeating: 0, count: 2 * shape[1])
        rows.withUnsafeMutableBufferPointer { view.readRows(3..<5, into: $0) }
        #expect(rows == Array(found[3 * shape[1]..<5 * shape[1]]))
    }

    @Test(arguments: [
        (#"{"quantization_config": {"quant_method": "gptq", "bits": 5, "group_size": 128}}"#, "bits"),
        (
            #"{"quantization_config": {"quant_method": "gptq", "bits": 4, "checkpoint_format": "marlin"}}"#,
            "marlin"
        ),
        (
            #"{"quantization_config": {"quant_method": "gptq", "bits": 4, "pack_dtype": "int16"}}"#,
            "words of 32 bits"
        ),
        (#"{"quantization_config": {"quant_method": "awq", "bits": 8}}"#, "bits"),
        (#"{"quantization_config": {"quant_method": "awq", "bits": 4, "version": "gemv"}}"#, "gemv"),
        (#"{"quantization_config": {"quant_method": "hqq"}}"#, "hqq"),
        (#"{"quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": true}}"#, "bitsandbytes"),
        (
            #"{"quantization_config": {"quant_method": "compressed-tensors", "sparsity_config": {"format": "sparse-24-bitmask"}}}"#,
            "sparse-24-bitmask"
        ),
        (
            #"{"quantization_config": {"quant_method": "compressed-tensors", "transform_config": {"config_groups": {}}}}"#,
            "transform_config"
        ),
        (#"{"quantization": {"bits": 7, "group_size": 64}}"#, "bits"),
        (#"{"quantization": {"bits": 4, "group_size": 64, "mode": "other"}}"#, "other"),
    ])
    func kindsThatAreNotRead(_ configuration: String, _ part: String) throws {
        let error = try weightError { try open("fp8-tensor") { _ in configuration } }
        #expect(error.message.contains(part) && error.message.contains("config.json"), "\(error.message)")
        #expect(error.code == .unsupported)
    }

    @Test func partsThatDoNotFit() throws {
        let block = try weightError {
            try open("fp8-block") { $0.replacing("[4, 80]", with: "[4, 60]") }.require("layer.weight")
        }
        #expect(block.message.contains("layer.weight_scale_inv"), "\(block.message)")
        let bits = try weightError { try open("mlx-affine-4-64") { $0.replacing("4}", with: "5}") } }
        #expect(bits.message.contains("layer.weight"), "\(bits.message)")
        let huge = try weightError {
            try open("fp8-block") { _ in
                #"{"quantization_config": {"quant_method": "fp8", "weight_block_size": [9223372036854775807, 128]}}"#
            }
        }
        #expect(huge.message.contains("weight_block_size"), "\(huge.message)")
        let none = try weightError { try open("mlx-affine-4-64") { _ in "{}" } }
        #expect(none.message.contains("\"quantization\""), "\(none.message)")
    }

    /// A matrix without rows may name almost any number of columns; its blocks are counted all the same.
    @Test(arguments: ["F8_E4M3", "I8"]) func aHugeMatrixOfNothing(type: String) throws {
        let members = [
            #""x.weight":{"dtype":"\#(type)","shape":[0,9223372036854775807],"data_offsets":[0,0]}"#,
            #""x.weight_scale":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#,
        ]
        var bytes: [UInt8] = []
        bytes.put(string: "{\(members.joined(separator: ","))}")
        bytes += [UInt8](repeating: 0, count: 8)
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let path = try folder.write(bytes, to: "model.safetensors")
        let json = try JSONValue.parse(utf8: #"{"quantization_config": {"quant_method": "fp8"}}"#)
        let error = try weightError {
            try WeightSources.open(path: path, configuration: json, file: "config.json")
        }
        #expect(error.code == .malformed && error.message.contains("\"x.weight\""), "\(error.message)")
    }

    @Test(arguments: [
        ("gptq-4", #""bits": 4"#, #""bits": 8"#, "layer.qzeros"),
        ("gptq-4-plain", #""group_size": 32"#, #""group_size": 64"#, "layer.g_idx"),
        ("gptq-4-plain", #""group_size": 32"#, #""group_size": 32, "desc_act": true"#, "layer.g_idx"),
        ("gptq-4-plain", #""group_size": 32"#, #""group_size": 9223372036854775807"#, "layer.g_idx"),
        ("awq-4", #""group_size": 32"#, #""group_size": 64"#, "layer.scales"),
        ("awq-4", #""quant_method": "awq""#, #""quant_method": "gptq""#, "layer.scales"),
        ("gptq-4", #""quant_method": "gptq""#, #""quant_method": "fp8""#, "layer.qweight"),
    ])
    func wordsThatDoNotFit(_ form: String, _ old: String, _ new: String, _ part: String) throws {
        let error = try weightError { try open(form) { $0.replacing(old, with: new) } }
        #expect(error.code == .malformed && error.message.contains(part), "\(error.message)")
    }

    /// Modules may differ from what config.json says for all: their shapes tell.
    @Test func modulesWithBitsOfTheirOwn() throws {
        let source = try open("gptq-8") {
            $0.replacing("\"bits\": 8", with: "\"bits\": 4, \"dynamic\": {\"layer\": {\"bits\": 8}}")
        }
        #expect(
            try source.require("layer.weight").floats() == open("gptq-8").require("layer.weight").floats())
    }

    /// Where the size that config.json says fits, it counts; else the number of groups tells it.
    @Test func groupsOfModulesWithSettingsOfTheirOwn() throws {
        let plain = try open("gptq-4-plain").require("layer.weight").floats()
        func opened(_ size: Int) throws -> [Float] {
            try open("gptq-4-plain") {
                $0.replacing(
                    "\"group_size\": 32", with: "\"group_size\": \(size), \"dynamic\": {\"other\": {}}")
            }.require("layer.weight").floats()
        }
        #expect(try opened(32) == plain && opened(64) == plain)
        // 96 inputs are 3 groups of 40, too: those of the first 32 keep their scales, the next 8 have them too.
        let other = try opened(40)
        #expect(Array(other[..<32]) == Array(plain[..<32]) && other[32..<40] != plain[32..<40])
        #expect(Array(other[40..<64]) == Array(plain[40..<64]))
    }
}
