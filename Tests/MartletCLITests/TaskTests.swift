#if Command

import Martlet
import MartletJSON
import Testing

@testable import MartletCLI

/// The built command with a model that has adapters for tasks. Serialized: each one loads a model.
@Suite(.serialized) struct TaskProcessTests {
    private let model = "\(ProcessTests.fixtures)/tasks/jina-v3"

    @Test func `a task is chosen by name`() throws {
        let embedder = try Embedder(
            modelAt: model, configuration: .init(precision: .f32, task: "retrieval.passage"))
        let expected = try embedder.embedBlocking(["zuge"])[0]
        let ended = try Command.run([
            "embed", "zuge", "--model", model, "--precision", "f32", "--task", "retrieval.passage",
        ])
        let found = try JSONValue.parse(utf8: ended.text)["embedding"]?.array?.compactMap(\.double) ?? []
        #expect(found.map { Float($0) } == Array(expected))
        let wrong = try Command.run(["embed", "zuge", "--model", model, "--task", "clustering"])
        #expect(
            wrong.status == 2 && wrong.error.contains("retrieval.query, retrieval.passage, separation"),
            "\(wrong.error)")
        let other = try Command.run(["embed", "zuge", "--task", "separation"])
        #expect(other.status == 2 && other.error.contains("task \"separation\""), "\(other.error)")
    }

    @Test func `inspect says which task is chosen and which there are`() throws {
        let plain = try Command.run(["inspect", model]).text
        #expect(
            plain.contains("retrieval.query, retrieval.passage, separation, classification, text-matching"),
            "\(plain)")
        let json = try JSONValue.parse(
            utf8: try Command.run(["inspect", model, "--task", "separation", "--json"]).text)
        #expect(json["task"]?.string == "separation" && json["tasks"]?.array?.count == 5)
    }
}

#endif
