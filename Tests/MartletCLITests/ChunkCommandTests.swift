#if Command

import Testing

@testable import MartletCLI

/// `martlet chunk`, as a user runs it.
@Suite(.serialized) struct ChunkCommandTests {
    private let input = """
        {"id":"a","text":"one"}
        {bad
        {"id":"c"}
        {"id":"d","text":"four"}

        """

    @Test func aBadRecordEndsTheRunAfterThoseBeforeIt() throws {
        let ended = try Command.run(["chunk", "--field", "text"], input: input)
        #expect(ended.status == 1 && ended.lines.count == 1)
        #expect(ended.error.contains("<stdin>:2: ") && ended.error.contains("--on-error skip"))
    }

    @Test func badRecordsAreSkippedAndCounted() throws {
        let ended = try Command.run(["chunk", "--field", "text", "--on-error", "skip"], input: input)
        #expect(ended.status == 0 && ended.lines.count == 2, "\(ended.error)")
        #expect(ended.error.contains("<stdin>:2: ") && ended.error.contains("<stdin>:3: "))
        #expect(ended.error.contains("2 records skipped"))
    }

    @Test func nothingIsAnError() throws {
        let ended = try Command.run(["chunk", "--field", "text", "--on-error", "skip"], input: "{bad\n")
        #expect(ended.status == 1 && ended.error.contains("nothing is left"))
    }
}

#endif
