#if Command

import Martlet
import MartletData
import MartletTestSupport
import Testing

@testable import MartletCLI

@Suite struct VerifyTests {
    @Test func `worst, mean and largest difference`() {
        var agreement = Agreement()
        agreement.add([1, 0], [1, 0], place: "g:1")
        agreement.add([0.6, 0.8], [1, 0], place: "g:2")
        #expect(agreement.count == 2)
        #expect(agreement.worstPlace == "g:2")
        #expect(abs(agreement.worst - 0.6) < 1e-6)
        #expect(abs(agreement.mean - 0.8) < 1e-6)
        #expect(abs(agreement.largestDifference - 0.8) < 1e-6)
    }

    @Test func `vectors without a length or a number never pass`() {
        var zero = Agreement()
        zero.add([0, 0], [1, 0], place: "g:1")
        #expect(zero.worst == 0)
        var same = Agreement()
        same.add([0, 0], [0, 0], place: "g:1")
        #expect(same.worst == 1)
        var broken = Agreement()
        broken.add([.nan, 0], [1, 0], place: "g:1")
        broken.add([1, 0], [1, 0], place: "g:2")
        #expect(broken.worst == -1)
        #expect(broken.text(0.9).contains("FAILED"))
    }

    /// A cosine that is rounded to the threshold would not be under it.
    @Test func `the cosine that fails is told as it is`() throws {
        let ended = try Command.run([
            "verify", "\(ProcessTests.fixtures)/models/bert-mini",
            "\(ProcessTests.fixtures)/goldens/bert-mini.jsonl", "--precision", "f32", "--threshold", "1",
        ])
        #expect(ended.status == 1 && ended.error.contains("cosine 0.99999999"), "\(ended.error)")
    }

    private func goldens(_ text: String) throws -> [Golden] {
        let folder = try TemporaryFolder()
        var reader = GoldenReader(try .file(try folder.file("in", text)))
        var result: [Golden] = []
        while let golden = try reader.next() { result.append(golden) }
        return result
    }

    @Test func `golden lines with options`() throws {
        let lines = try goldens(
            """
            {"text":"a","embedding":[1,0.5]}

            {"text":"b","embedding":[1],"options":{"role":"query","pooling":"cls","dimensions":1,"normalize":false,"truncation":"start","prompt":"p"}}
            """)
        #expect(lines.map(\.text) == ["a", "b"])
        #expect(lines[0].expected == [1, 0.5])
        #expect(lines[1].place.hasSuffix("/in:3"))
        #expect(lines[1].role == .query)
        #expect(
            lines[1].options
                == EmbedOptions(
                    pooling: .cls, dimensions: 1, normalize: false, truncation: .start, prompt: "p"))
    }

    @Test(arguments: [
        ("{", "in:1: not JSON"), ("[]", "in:1: expected an object"),
        ("{\"text\":\"a\"}", "in:1: expected an object"),
        ("{\"text\":\"a\",\"embedding\":[]}", "in:1: expected an object"),
        ("{\"text\":\"a\",\"embedding\":[1,\"x\"]}", "in:1: embedding[1] is"),
        ("{\"text\":\"a\",\"embedding\":[1],\"options\":{\"x\":1}}", "in:1: unknown option \"x\""),
        ("{\"text\":\"a\",\"embedding\":[1],\"options\":{\"pooling\":\"x\"}}", "in:1: option \"pooling\""),
        ("{\"text\":\"a\",\"embedding\":[1],\"options\":7}", "in:1: \"options\" is"),
    ])
    func `bad golden lines are errors that name the line`(line: String, expected: String) {
        let error = #expect(throws: CommandError.self) { try goldens(line) }
        #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }

    @Test func `percentiles are of the nearest rank`() {
        #expect(BenchLatency(seconds: []).milliseconds(0.5) == 0)
        let result = BenchLatency(seconds: (1...200).map { Double($0) / 1000 })
        #expect(result.milliseconds(0.5) == 100)
        #expect(result.milliseconds(0.99) == 198)
        #expect(BenchLatency(seconds: [0.003]).milliseconds(0.99) == 3)
    }
}

#endif
