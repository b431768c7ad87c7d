extension JSONReader {
    /// An integer where the text has neither fraction nor exponent and fits in `Int`; a double otherwise.
    mutating func readNumber() throws(JSONError) -> JSONValue {
        let start = position
        let isNegative = bytes[position] == UInt8(ascii: "-")
        if isNegative { position += 1 }

        let digits = position
        // The significand without its point, exact while it fits; `scale` counts the digits after the point.
        var significand: UInt64 = 0
        var fits = true
        func take(_ byte: UInt8) {
            let (product, overflow) = significand.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            if overflow || carry { fits = false } else { significand = sum }
        }
        while let byte = digit() { take(byte) }
        guard position > digits else { throw unexpected("a digit") }
        if bytes[digits] == UInt8(ascii: "0"), position > digits + 1 {
            throw JSONError(
                .invalidNumber, "a number must not begin with a zero that another digit follows", at: start,
                in: bytes)
        }
        var isInteger = true
        var scale = 0
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            let first = position
            while let byte = digit() { take(byte) }
            scale = position - first
            guard scale > 0 else { throw unexpected("a digit after the decimal point") }
        }
        var exponent = 0
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            var isBelow = false
            if position < bytes.count,
                bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+")
            {
                isBelow = bytes[position] == UInt8(ascii: "-")
                position += 1
            }
            let first = position
            while let byte = digit() {
                exponent = min(exponent * 10 + Int(byte - UInt8(ascii: "0")), 100_000)
            }
            guard position > first else { throw unexpected("a digit of the exponent") }
            if isBelow { exponent = -exponent }
        }
        if isInteger, fits {
            if !isNegative, let value = Int(exactly: significand) { return .integer(value) }
            if isNegative, significand <= UInt64(Int.max) { return .integer(-Int(significand)) }
            if isNegative, significand == UInt64(Int.max) + 1 { return .integer(Int.min) }
        }
        return .number(try double(start, significand, fits, isNegative, exponent - scale))
    }

    /// Exact by one multiplication or division where both operands are (Clinger 1990); otherwise the standard
    /// library reads it.
    private func double(_ start: Int, _ significand: UInt64, _ fits: Bool, _ isNegative: Bool, _ power: Int)
        throws(JSONError) -> Double
    {
        if fits, significand < 1 << 53, abs(power) <= 22 {
            var scale = 1.0
            for _ in 0..<abs(power) { scale *= 10 }
            let magnitude = power < 0 ? Double(significand) / scale : Double(significand) * scale
            return isNegative ? -magnitude : magnitude
        }
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
            throw JSONError(
                .invalidNumber, "the number is out of the range of a double", at: start, in: bytes)
        }
        return value
    }

    private mutating func digit() -> UInt8? {
        guard position < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[position] else {
            return nil
        }
        position += 1
        return bytes[position - 1]
    }
}
