import Testing

@testable import Martlet

/// Pooling that leaves the prompt out, where little of the text is left.
@Suite("Pooling without the prompt")
struct PromptPoolingTests {
    private func embedder(_ mode: String, includesPrompt: Bool) throws -> Embedder {
        let copy = try ModelCopy(of: "bert-mini")
        try copy.write(
            "1_Pooling/config.json",
            Array(#"{"pooling_mode": "\#(mode)", "include_prompt": \#(includesPrompt)}"#.utf8))
        return try Embedder(modelAt: copy.path, configuration: .init(threads: 1, precision: .f32))
    }

    /// sentence-transformers cuts a prompt as it cuts a text before it counts its tokens, so that the last
    /// special token is left.
    @Test func aPromptAsLongAsTheLimit() throws {
        let options = EmbedOptions(prompt: String(repeating: "balo ", count: 600))
        let without = try embedder("mean", includesPrompt: false).embedBlocking(["zopa"], options: options)
        let last = try embedder("lasttoken", includesPrompt: true).embedBlocking(["zopa"], options: options)
        expectClose(without[0].values, last[0].values, "the last token alone")
        #expect(without[0].values.contains { $0 != 0 })
    }

    /// A text that makes one unknown word of the prompt's end has fewer tokens than the prompt.
    @Test func nothingButThePrompt() throws {
        let options = EmbedOptions(prompt: "qxqxqx")
        let text = String(repeating: "a", count: 200)
        let error = #expect(throws: MartletError.self) {
            try embedder("max", includesPrompt: false).embedBlocking([text], options: options)
        }
        #expect(
            error?.code == .nonFinite && error?.inputIndex == 0
                && error?.message.contains("max pooling") == true, "\(error?.message ?? "")")
    }
}
