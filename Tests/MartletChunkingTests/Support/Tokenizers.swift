import MartletTokenizers
import Testing

@testable import MartletChunking

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Small tokenizers of every kind, which the tests of the tokenizers have.
enum Tokenizers {
    static let names = [
        "Kinds/gpt2", "Kinds/roberta", "Kinds/modernbert", "Kinds/llama3", "Kinds/qwen2", "Kinds/clip",
        "Kinds/fallback", "Kinds/prefixed",
        "Kinds/wordlevel", "SentencePiece/xlmr", "SentencePiece/t5", "SentencePiece/gemma",
        "SentencePiece/llama", "SentencePiece/albert",
        "SentencePiece/bge", "bert",
    ]

    /// This folder's neighbours in the checkout.
    static func testsFolder(_ path: String) -> String {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return (parts + [path[...]]).joined(separator: "/")
    }

    static func named(_ name: String) throws -> Tokenizer {
        guard name != "bert" else {
            return try Tokenizer(
                json: read(testsFolder("Fixtures/models/bert-mini/tokenizer.json")),
                file: "bert-mini/tokenizer.json")
        }
        let bytes = try read(testsFolder("MartletTokenizersTests/Goldens/\(name).json"))
        return try Tokenizer(
            json: name.hasPrefix("SentencePiece") ? tokenizerOfGolden(bytes) : bytes, file: name)
    }

    /// These files hold a tokenizer in their first line, whose table of normalization is in a file of its
    /// own.
    private static func tokenizerOfGolden(_ bytes: [UInt8]) throws -> [UInt8] {
        let line = String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self).dropFirst(
            #"{"tokenizer":"#.utf8.count
        ).dropLast()
        let table = base64(try read(testsFolder("MartletTokenizersTests/Goldens/SentencePiece/nmt_nfkc.bin")))
        return Array(
            line.split(separator: "@nmt_nfkc", omittingEmptySubsequences: false).joined(separator: table).utf8
        )
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            let word = (part + [0, 0]).prefix(3).reduce(0) { $0 << 8 | Int($1) }
            for index in 0..<4 {
                text.append(index <= part.count ? digits[word >> (18 - 6 * index) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func counter(_ name: String, prompt: String = "") throws -> ModelTokenCounter {
        ModelTokenCounter(
            maxTokens: 512, tokenizer: try named(name), prompt: Array(prompt.utf8),
            addsSpecialTokens: true,
            charactersPerToken: nil)
    }

    static func read(_ path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "rb"), "cannot open \(path)")
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&block, 1, block.count, file), count > 0 { bytes += block[..<count] }
        return bytes
    }
}
