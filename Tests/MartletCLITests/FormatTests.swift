#if Command

import Martlet
import MartletData
import Testing

@testable import MartletCLI

@Suite struct FormatTests {
    @Test(arguments: [
        (0.0, 4, "0.0000"), (1, 0, "1"), (3.14159, 2, "3.14"), (-0.5, 1, "-0.5"), (-0.00001, 2, "0.00"),
        (0.05, 2, "0.05"),
        (99.999, 2, "100.00"),
        (.nan, 2, "nan"), (-.infinity, 1, "-inf"), (1e300, 2, "1e+300"),
    ])
    func `fixed decimals`(value: Double, decimals: Int, expected: String) {
        #expect(Format.fixed(value, decimals) == expected)
    }

    @Test(arguments: [
        (nil, nil), ("", nil), (" \r\n", nil), ("sk-1", "sk-1"), (" sk-1\r\n", "sk-1"), ("a b", "a b"),
    ])
    func `settings of the environment have no white space around them`(value: String?, expected: String?) {
        #expect(System.setting("NAME") { $0 == "NAME" ? value : nil } == expected)
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1,000"), (22_713_216, "22,713,216"), (-1234, "-1,234"),
        (.min, "-9,223,372,036,854,775,808"),
    ])
    func `groups of three digits`(value: Int, expected: String) { #expect(Format.grouped(value) == expected) }

    @Test(arguments: [
        (0.04, "0.0 s"), (59.9, "59.9 s"), (59.96, "1 min 0 s"), (200, "3 min 20 s"), (7500, "2 h 5 min"),
        (.nan, "?"), (1e12, "?"),
    ])
    func `durations`(seconds: Double, expected: String) { #expect(Format.duration(seconds) == expected) }

    @Test(arguments: [
        (1234.561, "1234.56"), (0.5, "0.5000"), (0.0001, "0.0001"), (0.00002, "0.00002"), (0, "0.0000"),
        (1e-20, "0.000000000"),
    ])
    func `amounts of money`(amount: Double, expected: String) { #expect(Format.money(amount) == expected) }

    @Test func `excerpts stay on one line and within their width`() {
        #expect(Format.excerpt("short", width: 10) == "\"short\"")
        #expect(Format.excerpt("a\nb\tc\u{1B}[0m", width: 20) == "\"a b c\u{FFFD}[0m\"")
        #expect(Format.excerpt(String(repeating: "é", count: 50), width: 10).count <= 11)
    }

    @Test func `an error is one line that cannot write to the terminal`() {
        #expect(Console.oneLine("a\nb\u{1B}[31m") == "a b\u{FFFD}[31m")
    }

    @Test func `the bar shows share, rates and the time left, and fits the terminal`() {
        var counts = RunCounts()
        counts.texts = 1000
        counts.tokens = 20_000
        counts.bytesRead = 250
        let line = ProgressBar.line(counts, totalBytes: 1000, seconds: 10)
        #expect(
            line
                == "██████░░░░░░░░░░░░░░░░░░  25 %  1,000 texts  100 texts/s  2,000 tokens/s  25 B/s  30.0 s left"
        )
        #expect(
            ProgressBar.line(counts, totalBytes: nil, seconds: 10)
                == "1,000 texts  100 texts/s  2,000 tokens/s  25 B/s")
        // A run that goes on after 150 bytes has read 100 in these seconds.
        #expect(
            ProgressBar.line(counts, totalBytes: 1000, bytesBefore: 150, seconds: 10).hasSuffix(
                "10 B/s  1 min 15 s left"))
        counts.skipped = 3
        #expect(
            ProgressBar.line(counts, totalBytes: nil, price: 0.02, seconds: 10).hasSuffix(
                "25 B/s  3 skipped  cost 0.0004"))
        #expect(StatusLine.fitted(line, width: 40).count == 39 && StatusLine.fitted("ab", width: 40) == "ab")
        #expect(
            ConvertCommand.text(of: .writing(written: 12, all: 48))
                == "██████░░░░░░░░░░░░░░░░░░  25 %  12 of 48 tensors written")
        counts.bytesRead = 2000
        #expect(
            ProgressBar.line(counts, totalBytes: 1000, seconds: 10, drawsBar: false).hasPrefix("100 %  "))
        #expect(ProgressBar.line(counts, totalBytes: 1000, seconds: 10).contains("100 %"))
    }

    @Test func `the summary counts everything`() {
        var counts = RunCounts()
        (counts.texts, counts.tokens, counts.truncated, counts.blank, counts.skipped) = (1, 12, 3, 4, 5)
        #expect(
            Reporter.summary(counts, seconds: 2)
                == "1 text, 12 tokens in 2.0 s (0 texts/s, 6 tokens/s); 3 truncated, 4 blank, 5 skipped")
    }
}

#endif
