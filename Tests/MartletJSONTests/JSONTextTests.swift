import MartletTestSupport
import Testing

@testable import MartletJSON

@Suite struct JSONTextTests {
    private func text(_ value: Float) -> String {
        var bytes: [UInt8] = []
        JSONText.append(value, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [
        (Float(0), "0.0"), (-0.0, "-0.0"), (1, "1.0"), (-1, "-1.0"), (0.1, "0.1"), (0.05, "0.05"),
        (-0.012345678, "-0.012345678"),
        (10, "10.0"),
        (100, "100.0"), (123456792, "123456790.0"), (1_000_000_000, "1e+09"), (1.5, "1.5"), (12.25, "12.25"),
        (0.001, "0.001"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"), (1.234e-5, "1.234e-05"), (3.4028235e38, "3.4028235e+38"),
        (.leastNonzeroMagnitude, "1e-45"),
        (.leastNormalMagnitude, "1.1754944e-38"),
        (16777216, "16777216.0"), (33554432, "33554432.0"), (0.3, "0.3"), (2.7182817, "2.7182817"),
        (9.876543e-10, "9.876543e-10"),
    ])
    func writesFloats(value: Float, expected: String) {
        #expect(text(value) == expected)
    }

    /// Over seeded bit patterns of every exponent: reads back as the same float, has no more digits than the
    /// standard library's shortest form, is JSON.
    @Test func floatsReadBack() throws {
        var random = SplitMix64(state: 1)
        var patterns: [UInt32] = []
        for exponent in UInt32(0)..<255 {
            // The ends of a binade, where the rounding interval is lopsided.
            for fraction: UInt32 in [0, 1, 2, 0x7F_FFFE, 0x7F_FFFF] {
                patterns.append(exponent << 23 | fraction)
            }
            for _ in 0..<400 {
                patterns.append(exponent << 23 | UInt32(truncatingIfNeeded: random.next()) & 0x7F_FFFF)
            }
        }
        for pattern in patterns {
            let value = Float(bitPattern: pattern)
            let written = text(value)
            #expect(Float(written)?.bitPattern == pattern, "\(written)")
            func digits(_ text: String) -> String {
                let mantissa = text.prefix { $0 != "e" }.filter { $0 != "." }.drop { $0 == "0" }
                return String(mantissa.reversed().drop { $0 == "0" }.reversed())
            }
            #expect(digits(written) == digits(value.description), "\(written) \(value.description)")
            #expect(try JSONValue.parse(utf8: written).double != nil)
        }
    }

    @Test func writesRows() throws {
        let row: [Float] = [0.25, -1, 3e-9, 3.4028235e38, -.leastNormalMagnitude, 0]
        var bytes = Array("x".utf8)
        row.withUnsafeBufferPointer { JSONText.append($0, to: &bytes) }
        #expect(
            String(decoding: bytes, as: UTF8.self) == "x[0.25,-1.0,3e-09,3.4028235e+38,-1.1754944e-38,0.0]")
        bytes = []
        [Float]().withUnsafeBufferPointer { JSONText.append($0, to: &bytes) }
        #expect(String(decoding: bytes, as: UTF8.self) == "[]")
        // The longest form of a float, many times: the row's buffer must hold it.
        bytes = []
        Array(repeating: -Float.leastNormalMagnitude, count: 500).withUnsafeBufferPointer {
            JSONText.append($0, to: &bytes)
        }
        #expect(try JSONValue.parse(bytes).array?.count == 500)
    }

    /// Each number of a row is written over what the one before it left behind its end.
    @Test func rowsAreTheirNumbers() {
        var random = SplitMix64(state: 2)
        for count in [1, 47, 48, 49, 384] {
            // Of all lengths and signs, mostly such as vectors are made of.
            let row = (0..<count).map { index -> Float in
                let value = Float(Int32(truncatingIfNeeded: Int64(bitPattern: random.next()) >> 32)) / 0x1p31
                return index % 7 == 0
                    ? (value * 100).rounded() / 8 : index % 11 == 0 ? value * 1e-5 : value * 0.2
            }
            var bytes: [UInt8] = []
            row.withUnsafeBufferPointer { JSONText.append($0, to: &bytes) }
            #expect(
                String(decoding: bytes, as: UTF8.self) == "[" + row.map(text).joined(separator: ",") + "]")
        }
    }

    @Test func writesIntegersAndStrings() throws {
        for value in [0, 7, -7, 10, 1_000_000, Int.max, Int.min] {
            var bytes: [UInt8] = []
            JSONText.append(value, to: &bytes)
            #expect(String(decoding: bytes, as: UTF8.self) == "\(value)")
        }
        let scalars = (0...0x2FF).compactMap { Unicode.Scalar($0) } + ["\u{2028}", "\u{FFFD}", "\u{10FFFF}"]
        let string = String(String.UnicodeScalarView(scalars))
        var bytes: [UInt8] = []
        JSONText.append(string, to: &bytes)
        #expect(bytes.allSatisfy { $0 >= 0x20 })
        #expect(try JSONValue.parse(bytes).string.map { Array($0.unicodeScalars) } == scalars)
    }
}
