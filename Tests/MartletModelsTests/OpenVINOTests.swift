import MartletCompute
import MartletSystem
import MartletTestSupport
import MartletWeights
import Testing

@testable import MartletModels

/// Models converted to OpenVINO give the numbers that OpenVINO computes: see Scripts/openvino-goldens.py.
@Suite("Encoders from OpenVINO files")
struct OpenVINOTests {
    @Test(arguments: [
        "bert", "xlm-roberta", "modernbert", "distilbert-int8", "mpnet-int8", "bert-int4",
    ])
    func f32(_ name: String) throws {
        let tiny = try TinyEncoder(name, in: "openvino")
        let encoder = try tiny.encoder(.f32, .best, weights: "openvino_model.xml")
        let agreement = Agreement(TinyEncoder.states(encoder, tiny.rows.map(\.ids)), tiny.rows)
        #expect(agreement.worst >= 0.99999 && agreement.difference < 1e-4, "\(name): \(agreement)")
    }

    /// The XML of a tiny model, changed, beside its numbers.
    private func open(_ name: String, _ changes: [(String, String)] = [], numbers: Int? = nil) throws
        -> any WeightSource
    {
        let source = try TinyEncoder(name, in: "openvino").folder
        let folder = try TemporaryFolder()
        var xml = try MappedFile(path: source + "/openvino_model.xml").region.withUnsafeBytes {
            String(decoding: $0, as: UTF8.self)
        }
        for (old, new) in changes {
            try #require(xml.contains(old))
            xml = xml.replacing(old, with: new)
        }
        let bytes = try MappedFile(path: source + "/openvino_model.bin").region.withUnsafeBytes {
            Array($0)
        }
        _ = try folder.file("m.bin", bytes.prefix(numbers ?? bytes.count))
        return try WeightSources.open(path: folder.file("m.xml", xml.utf8))
    }

    @Test(arguments: [
        ([(#"type="MVN""#, #"type="FakeQuantize""#)], "activations are quantised"),
        ([(#"transpose_b="true""#, #"transpose_b="false""#)], "inputs by outputs"),
        ([(#""self."#, #""other."#), (#""__module."#, #""/"#)], "converted from ONNX"),
        ([("<layers>", "<layers")], "no OpenVINO model"),
        ([(#"offset="0""#, #"offset="99999999""#)], "not inside the file"),
        (
            [("self.key/aten::linear/Add", "self.query/aten::linear/Add")],
            #"two constants of the graph would be "encoder.layer.0.attention.self.query.bias""#
        ),
        (
            [(#"attention.self.key.weight" type"#, #"attention.self.query.weight" type"#)],
            #"two constants of the graph would be "encoder.layer.0.attention.self.query.weight""#
        ),
    ])
    func whatIsRefused(_ changes: [(String, String)], _ part: String) throws {
        let error = #expect(throws: WeightError.self) { try open("bert", changes) }
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }

    /// Products of sizes that a file says must not overflow.
    @Test(arguments: ["2147483648, 2147483648", "2305843009213693952, 1", "9223372036854775807"])
    func sizesThatNoFileHas(_ shape: String) throws {
        let name = "distilbert-int8"
        let error = #expect(throws: WeightError.self) {
            let opened = try open(
                name, [(#"element_type="u8" shape="40, 16""#, #"element_type="u8" shape="\#(shape)""#)])
            for tensor in opened.tensorNames { _ = try opened.require(tensor).floats() }
        }
        #expect(error?.message.contains("not inside the file") == true, "\(error?.message ?? "")")
    }

    @Test func numbersThatAreCutOff() throws {
        let error = #expect(throws: WeightError.self) { try open("bert-int4", numbers: 1000) }
        #expect(error?.message.contains("not inside the file of 1000 bytes") == true)
    }

    /// Seeded cuts and changes: weights, or an error that names the file.
    @Test func survivesDamage() throws {
        let source = try TinyEncoder("distilbert-int8", in: "openvino").folder
        let folder = try TemporaryFolder()
        let xml = try MappedFile(path: source + "/openvino_model.xml").region.withUnsafeBytes {
            Array($0)
        }
        let bytes = try MappedFile(path: source + "/openvino_model.bin").region.withUnsafeBytes {
            Array($0)
        }
        _ = try folder.file("m.bin", bytes)
        var random = SplitMix64(state: 9)
        for round in 0..<40 {
            var text = xml
            for _ in 0..<3 { text[random.below(text.count)] = UInt8(32 + random.below(95)) }
            if round % 3 == 0 { text.removeLast(random.below(text.count)) }
            let path = try folder.file("m.xml", text)
            do {
                let opened = try WeightSources.open(path: path)
                for name in opened.tensorNames { _ = try opened.require(name).floats() }
            } catch {
                #expect(error.message.contains(folder.path), "\(error.message)")
            }
        }
    }
}
