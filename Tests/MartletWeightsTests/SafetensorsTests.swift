import MartletSystem
import Testing

@testable import MartletWeights

@Suite struct SafetensorsTests {
    @Test func readsASingleFile() throws {
        let file = try SafetensorsFile(path: Goldens.path("single.safetensors"))
        let values = try Goldens.floats("values.f32")
        #expect(Set(file.tensorNames) == ["embeddings.word", "half", "scalar", "empty"])
        #expect(file.metadata == ["format": "pt"])
        #expect(sameBits(try file.require("embeddings.word", shape: [12, 64]).floats(), values))
        #expect(
            sameBits(
                try file.require("half", shape: [2, 64]).floats(),
                Array(try Goldens.floats("f16.f32")[..<128])))
        #expect(try file.require("scalar", shape: []).floats() == [2.5])
        #expect(try file.require("empty", shape: [0, 4]).floats() == [])
    }

    @Test func readsBfloat16() throws {
        let view = try SafetensorsFile(path: Goldens.path("brain.safetensors")).require("brain")
        #expect(view.type == .bf16)
        #expect(sameBits(try view.floats(), try Goldens.floats("bf16.f32")))
    }

    @Test func listsIntegerBuffersWithoutFailing() throws {
        let file = try SafetensorsFile(path: Goldens.path("single.safetensors"))
        #expect(file.unreadableTensors.map(\.name) == ["embeddings.position_ids"])
        let error = try weightError { try file.require("embeddings.position_ids") }
        #expect(error.code == .unsupported && error.message.contains("I64"))
    }

    @Test func readsShards() throws {
        let source = try SafetensorsIndex(path: Goldens.path("model.safetensors.index.json"))
        let values = try Goldens.floats("values.f32")
        #expect(source.tensorNames == ["a.weight", "b.weight"])
        #expect(source.unreadableTensors.map(\.name) == ["ids"])
        #expect(
            sameBits(try source.require("a.weight").floats() + source.require("b.weight").floats(), values))
        #expect(try source.require("b.weight").file.hasSuffix("model-00002-of-00002.safetensors"))
    }

    @Test func detectsFormatsByContent() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let gguf = try folder.write(Goldens.bytes("v3.gguf"), to: "a.safetensors")
        let safetensors = try folder.write(Goldens.bytes("single.safetensors"), to: "b.gguf")
        #expect(try WeightSources.open(path: gguf) is GGUFFile)
        #expect(try WeightSources.open(path: safetensors) is SafetensorsFile)
        #expect(
            try WeightSources.open(path: Goldens.path("model.safetensors.index.json")) is SafetensorsIndex)
        let zip = try folder.write([0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0, 0], to: "pytorch_model.bin")
        #expect(
            try weightError { try WeightSources.open(path: zip) }.message.contains(
                "the zip file has no directory"))
        #expect(try WeightSources.open(path: Goldens.path("state.pt")) is TorchFile)
        let pointer = try folder.write(Array("version https://git-lfs.github.com/spec/v1\n".utf8), to: "lfs")
        #expect(try weightError { try WeightSources.open(path: pointer) }.message.contains("git lfs pull"))
        let empty = try folder.write([], to: "empty")
        #expect(try weightError { try WeightSources.open(path: empty) }.code == .unsupported)
        #expect(try weightError { try WeightSources.open(path: folder.file("absent")) }.code == .io)
    }

    private func open(_ header: String, data: Int = 64) throws -> SafetensorsFile {
        var bytes: [UInt8] = []
        bytes.put(string: header)
        return try SafetensorsFile(
            region: region(bytes + [UInt8](repeating: 0, count: data)), name: "f.safetensors")
    }

    @Test(arguments: [
        ("[]", "JSON object"), ("{\"t\":", "not valid JSON"), ("{\"t\":1}", "must have dtype"),
        (#"{"t":{"dtype":"F32","shape":[4],"data_offsets":[0,12]}}"#, "does not take the 12 bytes"),
        (#"{"t":{"dtype":"U32","shape":[300,32],"data_offsets":[64,64]}}"#, "does not take the 0 bytes"),
        (#"{"t":{"dtype":"I8","shape":[8,9],"data_offsets":[0,64]}}"#, "does not take the 64 bytes"),
        (#"{"t":{"dtype":"I32","shape":[0,1152921504606846976],"data_offsets":[0,0]}}"#, "does not take"),
        (#"{"t":{"dtype":"F32","shape":[17],"data_offsets":[0,68]}}"#, "inside the data section"),
        (#"{"t":{"dtype":"F32","shape":[1],"data_offsets":[8,4]}}"#, "inside the data section"),
        (#"{"t":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, "inside the data section"),
        (#"{"t":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, "inside the data section"),
        (#"{"t":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, "dimension"),
        (#"{"t":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#, "dimension"),
        (
            #"{"t":{"dtype":"F32","shape":[4611686018427387904,4611686018427387904],"data_offsets":[0,4]}}"#,
            "does not take"
        ),
        (
            #"{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"t":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
            "listed twice"
        ),
        (
            #"{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"u":{"dtype":"I8","shape":[4],"data_offsets":[4,8]}}"#,
            "share bytes"
        ),
    ]) func refusesBadHeaders(header: String, part: String) throws {
        let error = try weightError { try open(header) }
        #expect(error.code == .malformed)
        #expect(
            error.message.hasPrefix("f.safetensors: ") && error.message.contains(part), "\(error.message)")
    }

    @Test func refusesAHeaderLongerThanTheFile() throws {
        var bytes: [UInt8] = []
        bytes.put(UInt64(100))
        bytes += Array("{}".utf8)
        #expect(
            try weightError { try SafetensorsFile(region: region(bytes), name: "f") }.message.contains(
                "longer than the file"))
        bytes = []
        bytes.put(UInt64.max)
        #expect(try weightError { try SafetensorsFile(region: region(bytes), name: "f") }.code == .malformed)
    }

    @Test(arguments: [
        (#"{"weight_map":{"t":"../single.safetensors"}}"#, "beside the index"),
        (#"{"weight_map":{"t":".."}}"#, "beside the index"),
        (#"{"weight_map":{"t":3}}"#, "file name"), (#"{"x":1}"#, "weight_map"), ("{", "JSON"),
        (#"{"weight_map":{"t":"single.safetensors"}}"#, "no such tensor"),
        (#"{"weight_map":{"half":"single.safetensors","half":"single.safetensors"}}"#, "twice"),
    ]) func refusesBadIndexes(index: String, part: String) throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        _ = try folder.write(Goldens.bytes("single.safetensors"), to: "single.safetensors")
        let path = try folder.write(Array(index.utf8), to: "model.safetensors.index.json")
        let error = try weightError { try WeightSources.open(path: path) }
        #expect(error.code == .malformed)
        #expect(error.message.contains(part), "\(error.message)")
    }
}
