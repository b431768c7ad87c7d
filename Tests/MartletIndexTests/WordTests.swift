import MartletSystem
import Testing

@testable import MartletIndex

@Suite struct WordTests {
    @Test(arguments: [
        ("Boil a litre of Water!", ["boil", "a", "litre", "of", "water"]),
        ("snake_case kebab-case v2.0", ["snake", "case", "kebab", "case", "v2", "0"]),
        ("ÉCOLE Straße", ["école", "straße"]), ("東京都に行く", ["東京", "京都", "都に", "に行", "行く"]), ("犬", ["犬"]),
        ("a犬b", ["a", "犬", "b"]),
        ("서울시 날씨", ["서울", "울시", "날씨"]), ("สวัสดี", ["สว", "วั", "ัส", "สด", "ดี"]), ("", []), ("…—!", []),
    ]) func wordsOfManyScripts(text: String, words: [String]) {
        #expect(WordSplitter.words(of: text) == words)
    }

    @Test func bytesThatAreNotUTF8EndAWord() {
        let bytes: [UInt8] = [0x61, 0x62, 0xFF, 0x63, 0xE2, 0x82, 0x64]
        bytes.withUnsafeBytes { raw in
            var splitter = WordSplitter()
            var found: [String] = []
            splitter.forEachWord(raw) { found.append(String(decoding: $0, as: UTF8.self)) }
            #expect(found == ["ab", "c", "d"])
        }
    }

    @Test func aLongWordIsLeftOut() {
        let long = String(repeating: "x", count: 65)
        #expect(
            WordSplitter.words(of: "a \(long) b \(long.dropLast())") == ["a", "b", String(long.dropLast())])
    }

    @Test(arguments: [
        ("2024-05-31", 1_717_113_600_000), ("1970-01-01", 0), ("1969-12-31T23:59:59.5Z", -500),
        ("2024-02-29T12:30+02:00", 1_709_202_600_000),
        ("0001-01-01", -62_135_596_800_000), ("9999-12-31T23:59:59Z", 253_402_300_799_000),
        ("0000-01-15", -62_166_009_600_000), ("0000-02-29", -62_162_121_600_000),
        ("0000-03-01", -62_162_035_200_000),
    ]) func datesAreRead(text: String, time: Int) {
        #expect(Timestamp.milliseconds(text) == time)
        #expect(Timestamp.milliseconds(Timestamp.text(time)) == time)
    }

    @Test(arguments: [
        "2024-02-30", "2023-02-29", "24-1-1", "2024-01-01T25:00", "2024-01-01x", "2024-01-01T10:00:00+1", "",
        "2024-01-01T10:00+99:99", "2024-01-01T10:00+01:60", "9999-12-31T23:59:59-05:00",
        "0000-01-01T00:00:00+01:00",
    ])
    func whatIsNoDateIsNone(text: String) {
        #expect(Timestamp.milliseconds(text) == nil)
    }
}

/// Stems are Snowball's: Scripts/stem-goldens.py.
@Suite struct StemTests {
    private static let goldens: [(language: String, word: String, stem: String)] = {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let path = folder.joined(separator: "/") + "/Goldens/stems.tsv"
        guard let region = try? MappedFile(path: path).region else { return [] }
        let text = region.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        return text.split(separator: "\n").map { line in
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            return (parts[0], parts[1], parts[2])
        }
    }()

    @Test(arguments: WordLanguage.allCases.filter { $0 != .none })
    func stemsAreThoseOfSnowball(_ language: WordLanguage) {
        let own = Self.goldens.filter { $0.language == language.rawValue }
        #expect(own.count == 400)
        for golden in own {
            #expect(language.stem(golden.word) == golden.stem, "\(golden.word)")
        }
    }

    /// What the golden words, which are in use, leave out.
    @Test(arguments: [
        // Letters with a cedilla are those with a comma below.
        (WordLanguage.romanian, "naţiunile", "națiun"), (.romanian, "înveţi", "înveț"),
        // An ending that does not match what precedes it is a shorter one.
        (.finnish, "kalahan", "kala"), (.finnish, "aarteisiin", "aart"), (.finnish, "adressiin", "adres"),
        (.finnish, "bodøhön", "bodø"),
        (.hungarian, "á", "á"), (.hungarian, "bb", "bb"), (.hungarian, "fákkal", "fák"),
        (.finnish, "", ""), (.hungarian, "", ""), (.romanian, "", ""),
    ])
    func rareWords(_ language: WordLanguage, word: String, stem: String) {
        #expect(language.stem(word) == stem)
    }

    @Test func aLanguageWithoutAStemmerIsRefusedByName() throws {
        for language in WordLanguage.allCases {
            #expect(try WordLanguage.named(language.rawValue) == language)
        }
        let error = #expect(throws: IndexError.self) { try WordLanguage.named("turkish") }
        #expect(error?.code == .invalidOption)
        #expect(
            error?.message.hasPrefix(
                "there is no stemmer for \"turkish\"; use none, which finds words as they are, or one of english"
            ) == true)
    }
}
