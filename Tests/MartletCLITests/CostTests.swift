#if Command

import ArgumentParser
import MartletData
import MartletTestSupport
import Testing

@testable import MartletCLI

@Suite struct CostTests {
    private func counts(texts: Int = 3, tokens: Int) -> RunCounts {
        var counts = RunCounts()
        counts.texts = texts
        counts.tokens = tokens
        return counts
    }

    @Test func `the cost of a run follows from its tokens`() throws {
        let cost = try CostOptions.parse(["--price", "0.02"])
        #expect(cost.note(counts(tokens: 212_345_678)) == "cost 4.25: 212,345,678 tokens at 0.02 a million")
        #expect(cost.note(counts(tokens: 5000)) == "cost 0.0001: 5,000 tokens at 0.02 a million")
        #expect(cost.note(counts(tokens: 0))?.contains("does not say") == true)
        #expect(try CostOptions.parse([]).note(counts(tokens: 5)) == nil)
        for price in ["-1", "nan", "inf"] {
            #expect(throws: (any Error).self) { try CostOptions.parse(["--price=\(price)"]) }
        }
    }

    @Test func `a comparison extrapolates to a million texts`() {
        let rate = BenchRate(texts: 100, tokens: 20_000, truncated: 0, seconds: [4, 2, 3])
        let row = Comparison(
            name: "openai:m", rate: rate, latency: BenchLatency(seconds: [0.1, 0.2, 0.9]), price: 0.02)
        #expect(row.costOfMillion == 4)
        #expect(Format.fixed(row.daysForMillion, 3) == "0.347")
        let free = Comparison(name: "here", rate: rate, latency: BenchLatency(seconds: [0.01]), price: nil)
        #expect(free.costOfMillion == nil)
        #expect(
            Comparison.table([free, row]) == """
                on your texts   documents/s      p50 ms      p99 ms days for 1M  cost of 1M
                here                   33.3        10.0        10.0        0.35           -
                openai:m               33.3       200.0       900.0        0.35        4.00


                """)
    }

    @Test func aDryRunCountsAndEmbedsNothing() throws {
        let folder = try TemporaryFolder()
        let input = try folder.file("in.txt", "one two three\nfour\n")
        let local = try Command.run(["embed", "-f", input, "--dry-run", "--price", "1000"])
        #expect(
            local.text == """
                texts               2
                bytes of text       17
                tokens              8
                cost                0.0080 at 1000.0 for a million tokens

                """, "\(local.error)")
        let remote = try Command.run([
            "embed", "-f", input, "--dry-run", "--model", "openai:m", "--request-texts", "1", "--rate",
            "1/min,2tokens/min",
        ])
        #expect(remote.status == 0, "\(remote.error)")
        #expect(remote.text.contains("about 8, as all-MiniLM-L6-v2 counts\nrequests            at least 2\n"))
        #expect(remote.text.contains("time at that rate   at least 4 min 0 s\n"))
    }

    @Test(arguments: [
        ["embed", "a", "--rate", "3/min,4/min"], ["embed", "a", "--rate", "x"],
        ["embed", "a", "--price", "-1"],
        ["bench", "--compare", "openai:m"], ["bench", "-f", "x", "--compare", "m"],
        ["bench", "-f", "x", "--compare", "openai:m", "--price", "openai:n=1"], ["bench", "--parallel", "3"],
    ])
    func optionsThatMakeNoSenseAreRefused(arguments: [String]) throws {
        let ended = try Command.run(arguments + (arguments[0] == "embed" ? ["--model", "openai:m"] : []))
        #expect(ended.status == 2, "\(ended.error)")
    }
}

#endif
