#if Command

import MartletJSON
import MartletTestSupport
import Testing

/// Vectors in files say which model made them.
@Suite struct StoredIdentityTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        _ = try folder.file(
            "in.jsonl", "{\"id\":\"a\",\"text\":\"hello\"}\n{\"id\":\"b\",\"text\":\"world\"}\n")
    }

    private func embed(_ output: String, _ arguments: String...) throws -> Command.Ended {
        let input = ["embed", "-f", "\(folder.path)/in.jsonl", "--field", "text", "--id", "id"]
        return try Command.run(input + ["-o", "\(folder.path)/\(output)"] + arguments)
    }

    private func companion(_ name: String) throws -> JSONValue {
        try JSONValue.parse(folder.contents("\(name).meta.json"))
    }

    @Test(arguments: ["v.npy", "v.f32", "v.jsonl"])
    func theCompanionHasTheIdentity(name: String) throws {
        let ended = try embed(name, "--dimensions", "128", "--as", "query", "--meta")
        #expect(ended.status == 0, "\(ended.error)")
        let meta = try companion(name)
        #expect(meta["identity"]?["space"]?["model"]?.string == "all-MiniLM-L6-v2")
        #expect(meta["identity"]?["space"]?["dimensions"]?.int == 128)
        #expect(meta["identity"]?["space"]?["weights"]?.string?.hasPrefix("sha256:") == true)
        #expect(meta["role"]?.string == "query")
        #expect(meta["ids"] == .array([.string("a"), .string("b")]))
    }

    @Test func rangesOfAnotherSpaceAreRefused() throws {
        #expect(try embed("short.npy", "--dimensions", "128").status == 0)
        #expect(try embed("whole.npy").status == 0)
        let quantize = ["--output-precision", "int8", "--ranges"]
        let wrong = try embed("q.npy", quantize[0], quantize[1], quantize[2], "\(folder.path)/short.npy")
        #expect(
            wrong.status == 1 && wrong.error.contains("different spaces")
                && wrong.error.contains("dimensions"), "\(wrong.error)")
        #expect(
            try embed("q.npy", quantize[0], quantize[1], quantize[2], "\(folder.path)/whole.npy").status == 0)
    }

    @Test func aStreamHasNoCompanion() throws {
        let ended = try Command.run(["embed", "hello", "--meta"])
        #expect(ended.status == 2 && ended.error.contains("-o"))
    }
}

#endif
