/// Reads JSON of the usual form fast, and gives up on any other, which `JSONReader` is for: neither UTF-8 nor
/// the places of commas inside what is skipped are checked.
struct JSONScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private(set) var position: Int

    init(_ bytes: UnsafeRawBufferPointer, from position: Int = 0) {
        self.bytes = bytes.bindMemory(to: UInt8.self)
        self.position = position
    }

    @inline(__always)
    private mutating func skipSpace() {
        while position < bytes.count, bytes[position] <= 0x20 {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            position &+= 1
        }
    }

    /// Passes over white space and `byte`, if that comes next.
    @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == byte else { return false }
        position &+= 1
        return true
    }

    /// Whether `byte` comes next, after white space.
    mutating func isAhead(_ byte: UInt8) -> Bool {
        skipSpace()
        return position < bytes.count && bytes[position] == byte
    }

    /// Whether only white space is left.
    mutating func isAtEnd() -> Bool {
        skipSpace()
        return position == bytes.count
    }

    /// A string with its escapes resolved.
    @inline(__always)
    mutating func string(appendingTo target: inout [UInt8]) -> Bool {
        guard take(UInt8(ascii: "\"")) else { return false }
        while true {
            let start = position
            while position < bytes.count, bytes[position] >= 0x20, bytes[position] != UInt8(ascii: "\""),
                bytes[position] != UInt8(ascii: "\\")
            {
                position &+= 1
            }
            target.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<position]))
            guard position < bytes.count else { return false }
            if bytes[position] == UInt8(ascii: "\"") {
                position &+= 1
                return true
            }
            guard bytes[position] == UInt8(ascii: "\\"), escape(appendingTo: &target) else { return false }
        }
    }

    @inline(never)
    private mutating func escape(appendingTo target: inout [UInt8]) -> Bool {
        guard position + 1 < bytes.count else { return false }
        let byte = bytes[position + 1]
        position += 2
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): target.append(byte)
        case UInt8(ascii: "n"): target.append(0x0A)
        case UInt8(ascii: "t"): target.append(0x09)
        case UInt8(ascii: "r"): target.append(0x0D)
        case UInt8(ascii: "b"): target.append(0x08)
        case UInt8(ascii: "f"): target.append(0x0C)
        case UInt8(ascii: "u"):
            guard var code = hex() else { return false }
            if 0xD800...0xDBFF ~= code {
                guard bytes.count - position >= 6, bytes[position] == UInt8(ascii: "\\"),
                    bytes[position + 1] == UInt8(ascii: "u")
                else { return false }
                position += 2
                guard let low = hex(), 0xDC00...0xDFFF ~= low else { return false }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code), let encoded = UTF8.encode(scalar) else { return false }
            target.append(contentsOf: encoded)
        default: return false
        }
        return true
    }

    private mutating func hex() -> UInt32? {
        guard bytes.count - position >= 4 else { return nil }
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else { return nil }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }

    /// A number as the reference library's parser rounds it: as many digits as fit in 64 bits, divided by one
    /// power of ten. That may be one unit in the last place beside the nearest double, which can decide
    /// between segmentations with equal scores.
    @inline(__always)
    mutating func number() -> Double? {
        skipSpace()
        let isNegative = position < bytes.count && bytes[position] == UInt8(ascii: "-")
        if isNegative { position &+= 1 }
        let first = position
        var significand: UInt64 = 0
        var exponent = 0
        var isFull = false
        while position < bytes.count, case let digit = bytes[position] &- 0x30, digit < 10 {
            if isFull || !Self.append(digit, to: &significand) {
                isFull = true
                exponent &+= 1
            }
            position &+= 1
        }
        guard position > first, position == first &+ 1 || bytes[first] != 0x30 else { return nil }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position &+= 1
            let point = position
            // Behind a whole part that was too long, digits may fit again.
            isFull = false
            while position < bytes.count, case let digit = bytes[position] &- 0x30, digit < 10 {
                if !isFull, Self.append(digit, to: &significand) { exponent &-= 1 } else { isFull = true }
                position &+= 1
            }
            guard position > point else { return nil }
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            guard let power = power() else { return nil }
            exponent += power
        }
        guard let value = Self.scaled(significand, exponent) else { return nil }
        return isNegative ? -value : value
    }

    @inline(__always)
    private static func append(_ digit: UInt8, to significand: inout UInt64) -> Bool {
        if significand < 1_844_674_407_370_955_161 || significand == 1_844_674_407_370_955_161 && digit <= 5 {
            significand = significand &* 10 &+ UInt64(digit)
            return true
        }
        return false
    }

    private mutating func power() -> Int? {
        position += 1
        var isBelow = false
        if position < bytes.count,
            bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+")
        {
            isBelow = bytes[position] == UInt8(ascii: "-")
            position += 1
        }
        let first = position
        var power = 0
        while position < bytes.count, case let digit = bytes[position] &- 0x30, digit < 10 {
            power = min(power * 10 + Int(digit), 100_000)
            position += 1
        }
        return position > first ? (isBelow ? -power : power) : nil
    }

    @inline(__always)
    private static func scaled(_ significand: UInt64, _ exponent: Int) -> Double? {
        var value = Double(significand)
        if exponent == 0 { return value }
        if exponent < 0, exponent >= -22 { return value / tens[-exponent] }
        guard value != 0 else { return 0 }
        var exponent = exponent
        while exponent < -308 {
            value /= 1e308
            exponent += 308
            if value == 0 { return 0 }
        }
        guard exponent <= 308, let power = Double("1e\(abs(exponent))") else { return nil }
        value = exponent < 0 ? value / power : value * power
        return value.isFinite ? value : nil
    }

    private static let tens: [Double] = (0...22).map { Double("1e\($0)") ?? 0 }

    /// Passes over a value, counting brackets outside strings.
    mutating func skipValue() -> Bool {
        skipSpace()
        var depth = 0
        repeat {
            guard position < bytes.count else { return false }
            switch bytes[position] {
            case UInt8(ascii: "\""): guard skipString() else { return false }
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth &+= 1
                position &+= 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth &-= 1
                position &+= 1
                guard depth >= 0 else { return false }
            case _ where depth > 0: position &+= 1
            default:
                while position < bytes.count, bytes[position] > 0x20, !Self.ends(bytes[position]) {
                    position &+= 1
                }
            }
        } while depth > 0
        return true
    }

    @inline(__always)
    private static func ends(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}")
    }

    @inline(__always)
    private mutating func skipString() -> Bool {
        position &+= 1
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position &+= 1
                return true
            case UInt8(ascii: "\\"): position &+= 2
            default: position &+= 1
            }
        }
        return false
    }
}
