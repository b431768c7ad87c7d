import MartletTestSupport
import Testing

@testable import MartletJSON

@Suite struct JSONReaderTests {
    private func read<Result>(_ text: String, _ body: (inout JSONReader) throws -> Result) throws -> Result {
        try Array(text.utf8).withUnsafeBytes { buffer in
            var reader = JSONReader(buffer)
            let result = try body(&reader)
            try reader.finish()
            return result
        }
    }

    @Test func walksNestedContainers() throws {
        let text =
            #"{"vocab": {"a": 0, "\u00e9\n": 1}, "merges": [["x", "y"], []], "skip": [{"k": [1]}], "t": true, "n": null, "d": 1.5}"#
        let seen = try read(text) { reader in
            var seen: [String] = []
            try reader.beginObject()
            while let key = try reader.nextKey() {
                switch key {
                case "vocab":
                    var keys: [UInt8] = []
                    try reader.beginObject()
                    while try reader.nextKey(appendingTo: &keys) {
                        seen.append("\(String(decoding: keys, as: UTF8.self))=\(try reader.readInt())")
                    }
                case "merges":
                    try reader.beginArray()
                    while try reader.nextElement() {
                        try reader.beginArray()
                        while try reader.nextElement() { seen.append(try reader.readString()) }
                        seen.append(";")
                    }
                case "t": seen.append("\(try reader.readBool())")
                case "n":
                    let kind = try reader.peek()
                    #expect(kind == .null)
                    try reader.skipValue()
                case "d": seen.append("\(try reader.readDouble())")
                default: try reader.skipValue()
                }
            }
            return seen
        }
        #expect(seen == ["a=0", "aé\n=1", "x", "y", ";", ";", "true", "1.5"])
    }

    @Test func refusesTheWrongKind() throws {
        #expect { try read("1.5") { try $0.readInt() } } throws: {
            ($0 as? JSONError)?.code == .unexpectedKind
        }
        #expect { try read("\"1\"") { try $0.readInt() } } throws: {
            ($0 as? JSONError)?.code == .unexpectedKind
        }
        #expect { try read("[]") { try $0.beginObject() } } throws: {
            ($0 as? JSONError)?.code == .unexpectedKind
        }
        #expect { try read("1") { try $0.readBool() } } throws: {
            ($0 as? JSONError)?.code == .unexpectedKind
        }
        #expect { try read("{}") { try $0.readString() } } throws: {
            ($0 as? JSONError)?.code == .unexpectedKind
        }
        #expect { try read("]") { try $0.nextElement() } } throws: {
            ($0 as? JSONError)?.code == .unexpectedByte
        }
    }

    /// Seeded mutations and truncations: a value or an error, the same from the tree and from skipping, and
    /// never a crash.
    @Test func survivesMutatedText() throws {
        let seed = Array(
            #"{"version":"1.0","a":[1,-2.5e-3,true,false,null,"é\u00e9\ud83d\ude00\n"],"b":{"c":{"d":[[],{}]}},"long":"Ω≈ç√∫","n":12345678901234567890}"#
                .utf8)
        let interesting = Array("{}[]\",:\\u0123456789eE+-.tfn \u{0}".utf8) + [0x80, 0xC0, 0xE0, 0xF4, 0xFF]
        var random = SplitMix64(state: 0x6d61_7274_6c65_7431)
        var refused = 0
        for round in 0..<20_000 {
            var bytes = seed
            for _ in 0...random.below(3) {
                let place = random.below(bytes.count)
                switch random.below(4) {
                case 0: bytes[place] = interesting[random.below(interesting.count)]
                case 1: bytes[place] = UInt8(random.below(256))
                case 2: bytes.remove(at: place)
                default: bytes.insert(interesting[random.below(interesting.count)], at: place)
                }
            }
            if round % 3 == 0 { bytes.removeLast(random.below(bytes.count)) }
            let tree = Result { try JSONValue.parse(bytes) }
            let skipped = Result {
                try bytes.withUnsafeBytes { buffer in
                    var reader = JSONReader(buffer)
                    try reader.skipValue()
                    try reader.finish()
                }
            }
            switch (tree, skipped) {
            case (.success(let value), .success):
                var text: [UInt8] = []
                JSONText.append(value, to: &text)
                #expect(try JSONValue.parse(text) == value)
            case (.failure(let a), .failure(let b)):
                refused += 1
                #expect(a as? JSONError == b as? JSONError)
            default:
                Issue.record("tree and skipping disagree about \(String(decoding: bytes, as: UTF8.self))")
            }
        }
        #expect(refused > 10_000)
    }
}
