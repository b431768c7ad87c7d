#if Command

import MartletTestSupport
import Martlet
import MartletJSON
import Testing

@testable import MartletCLI

@Suite struct EmbedPoolingTests {
    @Test func `embed takes the library's poolings and none`() {
        #expect(EmbedPooling(argument: "none") == .tokens)
        #expect(EmbedPooling(argument: "mean_sqrt_len") == .text(.meanSqrtLen))
        #expect(EmbedPooling(argument: "tokens") == nil)
        #expect(EmbedPooling.allValueStrings == Pooling.allCases.map(\.rawValue) + ["none"])
        for name in EmbedPooling.allValueStrings {
            #expect(EmbedPooling(argument: name)?.defaultValueDescription == name)
        }
    }
}

/// The built command. Serialized: each one loads a model.
@Suite(.serialized) struct TokenVectorProcessTests {
    private let model = "\(ProcessTests.fixtures)/models/bert-mini"

    private func objects(_ ended: Command.Ended) throws -> [JSONValue] {
        try ended.lines.map { try JSONValue.parse(utf8: String($0)) }
    }

    @Test func `token vectors are the reference's`() throws {
        let path = "\(ProcessTests.fixtures)/goldens/bert-mini-tokens.jsonl"
        let goldens = try lines(of: path).map { try JSONValue.parse(utf8: $0) }
        let vocabulary = try lines(of: "\(model)/vocab.txt")
        let ended = try Command.run([
            "embed", "--pooling", "none", "--model", model, "--precision", "f32", "-f", path,
        ])
        #expect(ended.status == 0, "\(ended.error)")
        let found = try objects(ended)
        try #require(found.count == goldens.count && !goldens.isEmpty)
        for (index, (row, golden)) in zip(found, goldens).enumerated() {
            #expect(row["index"]?.int == index)
            let ids = (golden["ids"]?.array ?? []).compactMap(\.int)
            #expect(row["tokens"]?.array?.compactMap(\.string) == ids.map { vocabulary[$0] })
            let values = try numbers(row["embedding"])
            let expected = try numbers(golden["tokenVectors"])
            try #require(values.map(\.count) == expected.map(\.count) && expected.count == ids.count)
            let difference =
                zip(values.joined(), expected.joined()).map { ($0 - $1).magnitude }.max() ?? .infinity
            #expect(difference < 1e-4, "line \(index + 1)")
        }
    }

    private func lines(of path: String) throws -> [String] {
        String(decoding: try readFile(path), as: UTF8.self).split(separator: "\n").map { String($0) }
    }

    private func numbers(_ value: JSONValue?) throws -> [[Double]] {
        try #require(value?.array).map { try #require($0.array).compactMap(\.double) }
    }

    @Test func `ids, cuts, blank texts and errors are as for vectors of texts`() throws {
        let base = ["embed", "--pooling", "none", "--model", model, "--max-tokens", "4", "--field", "text"]
        let input =
            "{\"id\":7,\"text\":\"a\"}\n{\"id\":8}\n{\"id\":9,\"text\":\"a a a a a\"}\n{\"id\":10,\"text\":\"\"}\n"
        let cut = try Command.run(base + ["--on-error", "skip"], input: input)
        #expect(cut.status == 0)
        #expect(try objects(cut).map { $0["id"]?.int } == [7, 9, 10])
        #expect(try objects(cut).map { $0["tokens"]?.array?.count } == [3, 4, 2])
        #expect(
            cut.error.contains(
                "1 text of 3 was longer than the model's 4 tokens and cut at the end (first: <stdin>:3)"))
        #expect(cut.error.contains("1 record skipped") && cut.error.contains("1 text empty or blank"))
        let failed = try Command.run(base + ["--truncate", "error", "--on-error", "skip"], input: input)
        #expect(try objects(failed).map { $0["id"]?.int } == [7, 10])
        #expect(failed.error.contains("<stdin>:3: the text has 7 tokens"))
        let stopped = try Command.run(
            base + ["--truncate", "error"], input: "{\"text\":\"a\"}\n{\"text\":\"a a a a a\"}\n")
        #expect(stopped.status == 1)
        #expect(stopped.lines.count == 1)
    }

    @Test func `a model whose files name no pooling has token vectors all the same`() throws {
        let folder = try TemporaryFolder()
        for name in ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"] {
            _ = try folder.file(name, try readFile("\(model)/\(name)"))
        }
        #expect(try Command.run(["embed", "zuge", "--model", folder.path]).error.contains("modules.json"))
        let plain = try Command.run(["embed", "zuge", "--pooling", "none", "--model", folder.path])
        #expect(plain.status == 0, "\(plain.error)")
        #expect(
            try plain.output == Command.run(["embed", "zuge", "--pooling", "none", "--model", model]).output)
        let missing = try Command.run(["embed", "a", "--pooling", "none", "--model", "\(folder.path)/none"])
        #expect(missing.status == 1)
        #expect(missing.error.contains("\(folder.path)/none"))
    }
}

#endif
