import Testing

@testable import MartletJSON

@Suite struct JSONValueTests {
    /// JSON has no word for infinity and NaN.
    @Test(
        arguments: [
            (nil, "null"), (.infinity, "null"), (-.infinity, "null"), (.nan, "null"), (0.1, "0.1"),
            (-2, "-2.0"),
            (3e38, "3e+38"),
        ] as [(Float?, String)])
    func floatsAreShortOrNull(value: Float?, text: String) {
        #expect(String(decoding: JSONValue.float(value).bytes, as: UTF8.self) == text)
    }

    @Test func objectsKeepTheirOrder() {
        let pairs = JSONValue.object(pairs: [("b", .integer(1)), ("a", .strings(["x"]))])
        #expect(pairs == .object(["b": .integer(1), "a": .strings(["x"])]))
        #expect(pairs == .object(present: ["b": .integer(1), "c": nil, "a": .strings(["x"])]))
        #expect(String(decoding: pairs.bytes, as: UTF8.self) == #"{"b":1,"a":["x"]}"#)
    }

    @Test func readsEveryKind() throws {
        let value = try JSONValue.parse(
            utf8: #" { "a" : [ null, true, false, -12, 1.5e3, "x" ], "b": {} , "c":[]} "#)
        #expect(
            value["a"]?.array == [
                .null, .bool(true), .bool(false), .integer(-12), .number(1500), .string("x"),
            ])
        #expect(value["b"]?.object?.isEmpty == true)
        #expect(value["c"]?.array?.isEmpty == true)
        #expect(value.object?.members.map(\.key) == ["a", "b", "c"])
        #expect(value["a"]?[3]?.int == -12)
        #expect(value["a"]?[4]?.int == 1500)
        #expect(value["a"]?[6] == nil)
        #expect(value["d"] == nil)
    }

    @Test(arguments: [
        ("0", JSONValue.integer(0)), ("-0", .integer(0)), ("9223372036854775807", .integer(.max)),
        ("-9223372036854775808", .integer(.min)),
        ("9223372036854775808", .number(9223372036854775808)), ("1e2", .number(100)), ("0.1", .number(0.1)),
        ("-1.25E-2", .number(-0.0125)),
        ("123456789012345678901234567890", .number(0x1.8ee90ff6c373ep+96)),
        ("2.2250738585072011e-308", .number(Double.leastNormalMagnitude.nextDown)),
        ("1e-400", .number(0)), ("-11.512925464970229", .number(-11.512925464970229)),
        ("1.7976931348623157e308", .number(.greatestFiniteMagnitude)),
    ])
    func readsNumbers(text: String, value: JSONValue) throws {
        #expect(try JSONValue.parse(utf8: text) == value)
    }

    @Test func resolvesEscapes() throws {
        let value = try JSONValue.parse(utf8: #""\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00é😀""#)
        #expect(
            value.string.map { Array($0.unicodeScalars) }
                == Array("\"\\/\u{8}\u{C}\n\r\tA\u{E9}😀é😀".unicodeScalars))
    }

    @Test func findsKeysByBytesInSmallAndLargeObjects() throws {
        // Composed and decomposed forms are two keys, though Swift calls the strings equal.
        for filler in [0, 3, 40, 5000] {
            let members =
                (0..<filler).map { #""k\#($0)":\#($0)"# } + [
                    "\"\u{E9}\":-1", "\"e\u{301}\":-2", "\"twice\":-3", "\"twice\":-4",
                ]
            let value = try JSONValue.parse(utf8: "{\(members.joined(separator: ","))}")
            #expect(value["\u{E9}"]?.int == -1)
            #expect(value["e\u{301}"]?.int == -2)
            #expect(value["twice"]?.int == -4)
            #expect(value["absent"] == nil)
            for index in stride(from: 0, to: filler, by: 7) { #expect(value["k\(index)"]?.int == index) }
            #expect(value.object?.count == filler + 4)
        }
    }

    @Test func limitsDepth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try JSONValue.parse(utf8: nested(128)) }
        #expect { try JSONValue.parse(utf8: nested(129)) } throws: { ($0 as? JSONError)?.code == .tooDeep }
        let deep = String(repeating: "{\"a\":", count: 1_000_000)
        #expect { try JSONValue.parse(utf8: deep) } throws: { ($0 as? JSONError)?.code == .tooDeep }
    }

    @Test func writesWhatItReads() throws {
        let text = #"{"a":[null,true,false,-12,0.1,"x\n\"\\\u0001é"],"b":{}}"#
        var bytes: [UInt8] = []
        JSONText.append(try JSONValue.parse(utf8: text), to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }
}
