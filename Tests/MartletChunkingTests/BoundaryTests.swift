import Testing

@testable import MartletChunking

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

@Suite struct BoundaryTests {
    static func sentences(_ text: String) -> [String] {
        let source = SourceText(text)
        var ends: [Int] = []
        SentenceBreaks.forEach(in: source, 0..<source.count) { offset, _ in ends.append(offset) }
        return pieces(source, ends)
    }

    static func words(_ text: String) -> [String] {
        let source = SourceText(text)
        var ends: [Int] = []
        WordBreaks.forEach(in: source, 0..<source.count) { offset in
            ends.append(offset)
            return true
        }
        return pieces(source, ends)
    }

    private static func pieces(_ source: SourceText, _ ends: [Int]) -> [String] {
        zip([0] + ends, ends + [source.count]).map { source.text(in: $0..<$1) }
    }

    @Test(
        arguments: [
            ["One. ", "Two! ", "Three?"], ["He paid 3.50 dollars. ", "Fine."],
            ["See e.g. the U.S.A. of old."], ["A (b. c.) d. ", "E"],
            ["\"Yes.\" ", "\"No.\""], ["これは文。", "次の文。"], ["a\n", "b"], ["end.\n", "\n", "next"],
            ["Go... ", "Now."], ["x. ", "Y"],
        ])
    func sentences(expected: [String]) {
        #expect(Self.sentences(expected.joined()) == expected)
    }

    @Test(
        arguments: [
            ["The", " ", "cat's", " ", "3.14", " ", "(", "bed", ")", "."], ["漢", "字", "カタカナ"],
            ["a_b", "-", "c"], ["🇩🇪", "🇫🇷"],
            ["👩‍👩‍👧‍👦", "x"],
        ])
    func words(expected: [String]) {
        #expect(Self.words(expected.joined()) == expected)
    }

    /// A folder of the Unicode Character Database of the version that the tables are of; Debian's package
    /// unicode-data has one.
    static let database = getenv("MARTLET_UCD").map { String(cString: $0) } ?? "/usr/share/unicode"
    static func isThere(_ name: String) -> Bool {
        guard let bytes = try? Tokenizers.read("\(database)/auxiliary/\(name)BreakTest.txt") else {
            return false
        }
        return String(decoding: bytes.prefix(200), as: UTF8.self).contains(
            "-\(BoundaryData.unicodeVersion).txt")
    }

    @Test(
        .enabled(
            if: isThere("Sentence"), "needs the Unicode Character Database \(BoundaryData.unicodeVersion)"))
    func unicodeSentenceTest() throws { try check("Sentence", atLeast: 500, Self.sentences) }

    @Test(
        .enabled(if: isThere("Word"), "needs the Unicode Character Database \(BoundaryData.unicodeVersion)"))
    func unicodeWordTest() throws { try check("Word", atLeast: 1800, Self.words) }

    private func check(_ name: String, atLeast count: Int, _ pieces: (String) -> [String]) throws {
        let file = String(
            decoding: try Tokenizers.read("\(Self.database)/auxiliary/\(name)BreakTest.txt"), as: UTF8.self)
        var cases = 0
        for line in file.split(separator: "\n") where !line.hasPrefix("#") {
            let rule = line.prefix { $0 != "#" }
            let expected = rule.split(separator: "÷").compactMap { part -> String? in
                let scalars = part.split { $0 == " " || $0 == "×" || $0 == "\t" }.compactMap {
                    UInt32($0, radix: 16).flatMap(Unicode.Scalar.init)
                }
                return scalars.isEmpty ? nil : String(String.UnicodeScalarView(scalars))
            }
            let text = expected.joined()
            #expect(
                pieces(text).map { Array($0.unicodeScalars) } == expected.map { Array($0.unicodeScalars) },
                "\(line)")
            cases += 1
        }
        #expect(cases >= count)
    }
}
