import Testing

@testable import MartletJSON

@Suite struct JSONErrorTests {
    @Test(arguments: [
        ("", JSONError.Code.unexpectedEnd), ("  ", .unexpectedEnd), ("{", .unexpectedEnd),
        ("[1", .unexpectedEnd),
        ("\"abc", .unexpectedEnd),
        ("[1,]", .unexpectedByte), ("{\"a\":1,}", .unexpectedByte), ("[,1]", .unexpectedByte),
        ("{a:1}", .unexpectedByte),
        ("{\"a\" 1}", .unexpectedByte), ("{\"a\":}", .unexpectedByte), ("[1 2]", .unexpectedByte),
        ("{\"a\":1 \"b\":2}", .unexpectedByte),
        ("]", .unexpectedByte), ("tru", .unexpectedByte), ("trux", .unexpectedByte), ("nul", .unexpectedByte),
        ("NaN", .unexpectedByte),
        ("Infinity", .unexpectedByte), ("-Infinity", .unexpectedByte), ("-", .unexpectedEnd),
        ("01", .invalidNumber),
        ("-01", .invalidNumber),
        ("1.", .unexpectedEnd), (".5", .unexpectedByte), ("+1", .unexpectedByte), ("1e", .unexpectedEnd),
        ("1e+", .unexpectedEnd),
        ("1.e5", .unexpectedByte), ("1e999", .invalidNumber), ("0x10", .trailingBytes),
        ("1 2", .trailingBytes), ("{} x", .trailingBytes),
        ("'a'", .unexpectedByte), ("\"\\x\"", .invalidEscape), ("\"\\u12g4\"", .invalidEscape),
        ("\"\\u12", .unexpectedEnd),
        ("\"\\ud800\"", .invalidEscape), ("\"\\udc00\"", .invalidEscape),
        ("\"\\ud800\\u0041\"", .invalidEscape), ("\"\\", .unexpectedEnd),
        ("\"a\nb\"", .unexpectedByte), ("\"a\u{0}b\"", .unexpectedByte), ("{\"a\":1]", .unexpectedByte),
        ("[1}", .unexpectedByte),
        ("\u{FEFF}{}", .unexpectedByte), ("/* */ 1", .unexpectedByte), ("[1] ]", .trailingBytes),
    ])
    func refuses(text: String, code: JSONError.Code) {
        #expect { try JSONValue.parse(utf8: text) } throws: { ($0 as? JSONError)?.code == code }
        // What a tree refuses, skipping refuses alike.
        #expect { try skip(Array(text.utf8)) } throws: { ($0 as? JSONError)?.code == code }
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
            [0xED, 0xA0, 0x80], [0xE2, 0x82],
            [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xF0, 0x9F, 0x98], [0xC3, 0x28],
        ] as [[UInt8]])
    func refusesInvalidUTF8(bytes: [UInt8]) {
        let text = [UInt8(ascii: "[")] + Array("\"a".utf8) + bytes + Array("\"]".utf8)
        #expect { try JSONValue.parse(text) } throws: {
            ($0 as? JSONError)?.code == .invalidUTF8 && ($0 as? JSONError)?.offset == 3
        }
    }

    @Test func namesThePlace() {
        #expect { try JSONValue.parse(utf8: "{\n  \"é\": 1,\n  \"ü\": x\n}") } throws: { error in
            guard let error = error as? JSONError else { return false }
            return error.line == 3 && error.column == 8 && error.offset == 21
                && error.description == "line 3, column 8 (byte 21): expected a value, found 'x'"
        }
    }

    private func skip(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { buffer in
            var reader = JSONReader(buffer)
            try reader.skipValue()
            try reader.finish()
        }
    }
}
