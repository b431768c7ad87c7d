extension JSONText {
    /// The shortest decimal that reads back as the same float, the closest one if several are as short. The
    /// value must be finite: JSON has no word for the others.
    package static func append(_ value: Float, to output: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { text in
            let count = write(value, into: text)
            output.append(contentsOf: UnsafeBufferPointer(rebasing: text[..<count]))
        }
    }

    /// `[a,b,…]`, the hot path of a bulk job: some dozens of numbers at a time, in as much memory as the
    /// stack gives.
    package static func append(_ values: UnsafeBufferPointer<Float>, to output: inout [UInt8]) {
        let step = 48
        output.append(UInt8(ascii: "["))
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: step &* 17 &+ 32) { text in
            var start = 0
            while start < values.count {
                var count = 0
                for index in start..<min(start &+ step, values.count) {
                    if index > 0 {
                        text[count] = UInt8(ascii: ",")
                        count &+= 1
                    }
                    count &+= write(values[index], into: UnsafeMutableBufferPointer(rebasing: text[count...]))
                }
                output.append(contentsOf: UnsafeBufferPointer(rebasing: text[..<count]))
                start &+= step
            }
        }
        output.append(UInt8(ascii: "]"))
    }

    /// Writes at most 16 bytes, and up to 8 more that do not count, and returns how many. Which of a vector's
    /// numbers are negative, or have a digit more, cannot be foreseen, so nothing branches on it.
    @inline(__always)
    private static func write(_ value: Float, into text: UnsafeMutableBufferPointer<UInt8>) -> Int {
        guard value != 0, let base = text.baseAddress else { return writeAny(value, 0, 0, into: text) }
        let (digits, exponent) = shortestDecimal(of: value)
        // 1 for each bound that lies below, by the sign of the difference.
        let more = (999_999 &- digits) >> 31 &+ (9_999_999 &- digits) >> 31 &+ (99_999_999 &- digits) >> 31
        let length = 6 &+ Int(more)
        // Where the decimal point stands, counted from the first digit.
        let point = length &+ exponent
        guard digits >= 100_000, digits % 10 != 0, point > -4, point <= 0 else {
            return writeAny(value, digits, exponent, into: text)
        }
        let room = UnsafeMutableRawPointer(base)
        let sign = Int(value.bitPattern >> 31)
        room.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self)
        // "0.000" and more zeros than needed, under the digits; more digits than needed, under what comes
        // next.
        (room + sign).storeBytes(of: (0x3030_3030_3030_2E30 as UInt64).littleEndian, as: UInt64.self)
        let start = sign &+ 2 &- point
        // 1000, 100, 10 or 1.
        let scale = UInt32(
            truncatingIfNeeded: (0x0001_000A_0064_03E8 as UInt64) >> UInt64(16 &* more) & 0xFFFF)
        putNine(digits &* scale, at: room + start)
        return start &+ length
    }

    /// Zero, numbers from 1 on or below 0.0001, and those of few digits.
    @inline(never)
    private static func writeAny(
        _ value: Float, _ digits: UInt32, _ exponent: Int, into text: UnsafeMutableBufferPointer<UInt8>
    ) -> Int {
        var count = 0
        if value.sign == .minus {
            text[0] = UInt8(ascii: "-")
            count = 1
        }
        var (digits, exponent) = (digits, exponent)
        if exponent > 0 || digits >= 10 {
            while digits % 10 == 0, digits > 0 {
                digits /= 10
                exponent += 1
            }
        }
        // Most that are not whole have 8 or 9 digits.
        var length = digits >= 100_000_000 ? 9 : digits >= 10_000_000 ? 8 : 1
        var bound: UInt32 = 10
        while length < 8, digits >= bound {
            length += 1
            bound &*= 10
        }

        // Where the decimal point stands, counted from the first digit.
        let point = length + exponent
        let isPlain = point > -4 && point <= 9
        let start = count
        if isPlain, point <= 0 {
            // "0.000" and more zeros than needed, under the digits.
            guard let base = text.baseAddress else { return 0 }
            UnsafeMutableRawPointer(base + count).storeBytes(
                of: (0x3030_3030_3030_2E30 as UInt64).littleEndian, as: UInt64.self)
            count += 2 - point
            put(digits, length, into: text, at: count)
            return count + length
        }
        if isPlain, point >= length {
            put(digits, length, into: text, at: count)
            count += length
            for _ in length..<point {
                text[count] = UInt8(ascii: "0")
                count += 1
            }
            text[count] = UInt8(ascii: ".")
            text[count + 1] = UInt8(ascii: "0")
            return count + 2
        }
        // The digits one place to the right, then those before the point back.
        let whole = isPlain ? point : 1
        put(digits, length, into: text, at: start + 1)
        for index in 0..<whole { text[start + index] = text[start + index + 1] }
        text[start + whole] = UInt8(ascii: ".")
        count = start + length + 1
        if isPlain { return count }
        if length == 1 { count = start + 1 }
        let power = point - 1
        text[count] = UInt8(ascii: "e")
        text[count + 1] = UInt8(ascii: power < 0 ? "-" : "+")
        let magnitude = UInt32(power.magnitude)
        put(magnitude, 2, into: text, at: count + 2)
        return count + 4
    }

    /// Writes `length` digits, at most 9, and bytes up to the eighth after `start`, or the ninth.
    private static func put(
        _ digits: UInt32, _ length: Int, into text: UnsafeMutableBufferPointer<UInt8>, at start: Int
    ) {
        guard let base = text.baseAddress else { return }
        let target = UnsafeMutableRawPointer(base + start)
        guard length == 9 else {
            return target.storeBytes(
                of: (eightDigits(digits) >> UInt64(64 &- 8 &* length)).littleEndian, as: UInt64.self)
        }
        putNine(digits, at: target)
    }

    @inline(__always)
    private static func putNine(_ digits: UInt32, at target: UnsafeMutableRawPointer) {
        let first = digits / 100_000_000
        target.storeBytes(of: UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: first), as: UInt8.self)
        (target + 1).storeBytes(of: eightDigits(digits &- first &* 100_000_000).littleEndian, as: UInt64.self)
    }

    /// Eight ASCII digits of a number below 10^8, the first in the lowest byte: halves, quarters and eighths
    /// of it side by side in a word.
    private static func eightDigits(_ value: UInt32) -> UInt64 {
        let high = UInt64(value / 10_000)
        let fours = high | (UInt64(value) &- high &* 10_000) << 32
        // 10486 / 2^20 and 103 / 2^10 are 1 / 100 and 1 / 10, exactly for all that stand here.
        let hundreds = (fours &* 10_486) >> 20 & 0x0000_007F_0000_007F
        let twos = hundreds | (fours &- hundreds &* 100) << 16
        let tens = (twos &* 103) >> 10 & 0x000F_000F_000F_000F
        return tens | (twos &- tens &* 10) << 8 | 0x3030_3030_3030_3030
    }

    /// `digits · 10^exponent` for a finite value other than zero, sign aside: R. Giulietti, "The Schubfach
    /// way to render doubles" (2020), in the form for 32 bits. All candidates of one decimal width are
    /// compared with the rounding interval by three products.
    @inline(__always)
    static func shortestDecimal(of value: Float) -> (digits: UInt32, exponent: Int) {
        let fraction = value.significandBitPattern
        let biased = Int(value.exponentBitPattern)
        let isNormal = biased != 0
        let c = isNormal ? fraction | 1 << 23 : fraction
        let q = (isNormal ? biased : 1) - 150
        if isNormal, q <= 0, q > -24, c & (1 << UInt32(-q) - 1) == 0 { return (c >> UInt32(-q), 0) }

        // The interval of decimals that read back as `value` is [cbl, cbr] · 2^(q-2); its ends belong to it
        // for an even significand.
        let isOdd = c & 1
        let lowerIsCloser = fraction == 0 && biased > 1
        let cbl = 4 * c - 2 + (lowerIsCloser ? 1 : 0)
        let cb = 4 * c
        let cbr = 4 * c + 2

        // floor(log10 2^q), of 3/4 · 2^q where the lower end is closer
        let k = (q * 1_262_611 - (lowerIsCloser ? 524_031 : 0)) >> 22
        let h = UInt32(truncatingIfNeeded: q + (-k * 1_741_647) >> 19 + 1)
        let power = PowersOfTen.significands[-k - PowersOfTen.first]
        let vbl = roundToOdd(power, cbl << h)
        let vb = roundToOdd(power, cb << h)
        let vbr = roundToOdd(power, cbr << h)
        let lower = vbl + isOdd
        let upper = vbr - isOdd

        // One digit less if just one of its neighbours lies inside, else the neighbour that does, else the
        // closer one; an even one of two.
        let s = vb / 4
        let tens = s / 10
        let isBelowInside: UInt32 = lower <= 4 &* s ? 1 : 0
        let isAboveInside: UInt32 = 4 &* s &+ 4 <= upper ? 1 : 0
        let roundsUp: UInt32 = vb &+ (s & 1) > 4 &* s &+ 2 ? 1 : 0
        let isTenBelowInside: UInt32 = lower <= 40 &* tens ? 1 : 0
        let isTenAboveInside: UInt32 = 40 &* tens &+ 40 <= upper ? 1 : 0
        let isOneInside = 0 &- (isBelowInside ^ isAboveInside)
        let isOneTenInside = s >= 10 ? isTenBelowInside ^ isTenAboveInside : 0
        let exact = s &+ (roundsUp & ~isOneInside | isAboveInside & isOneInside)
        let shorter = tens &+ isTenAboveInside
        return (exact ^ (exact ^ shorter) & (0 &- isOneTenInside), k + Int(isOneTenInside))
    }

    /// The upper 32 bits of the 96-bit product, with the last bit set if anything lies below them.
    private static func roundToOdd(_ power: UInt64, _ factor: UInt32) -> UInt32 {
        let (high, low) = power.multipliedFullWidth(by: UInt64(factor))
        return UInt32(truncatingIfNeeded: high) | (low >> 32 > 1 ? 1 : 0)
    }
}
