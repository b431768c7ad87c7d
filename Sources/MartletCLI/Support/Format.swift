#if Command

/// Numbers and texts as a person reads them. Written by hand: the full Foundation would load 40 MB of Unicode
/// data at every start.
enum Format {
    /// A fixed number of decimals, rounded half away from zero: `fixed(3.14159, 2)` is `3.14`.
    static func fixed(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (value.magnitude * scale).rounded()
        guard scaled < 9e15 else { return value.description }
        let whole = Int(scaled)
        let sign = value < 0 && whole > 0 ? "-" : ""
        guard decimals > 0 else { return sign + String(whole) }
        let digits = String(whole)
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
    }

    /// Three digits to a group: 22713216 is `22,713,216`.
    static func grouped(_ value: Int) -> String {
        var result = ""
        let digits = Array(String(value.magnitude))
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
            result.append(digit)
        }
        return (value < 0 ? "-" : "") + result
    }

    /// `1 text`, `2,000 texts`.
    static func count(_ value: Int, _ noun: String) -> String {
        "\(grouped(value)) \(noun)\(value == 1 ? "" : "s")"
    }

    /// An amount of money: `1234.56`, `0.0012` where cents say nothing, and `0.00002` where that would be 0.
    static func money(_ amount: Double) -> String {
        var decimals = amount < 1 ? 4 : 2
        while amount > 0, decimals < 9, fixed(amount, decimals).allSatisfy({ "0.".contains($0) }) {
            decimals += 1
        }
        return fixed(amount, decimals)
    }

    /// `0.4 s`, `3 min 20 s`, `2 h 5 min`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "?" }
        if seconds < 59.95 { return "\(fixed(seconds, 1)) s" }
        let whole = Int(seconds.rounded())
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }

    /// Bytes in MiB or GiB.
    static func bytes(_ count: Int) -> String {
        let mebibytes = Double(count) / 1_048_576
        return mebibytes < 1024 ? "\(fixed(mebibytes, 1)) MiB" : "\(fixed(mebibytes / 1024, 2)) GiB"
    }

    /// A file's size: `612 B`, `455.3 KiB`, `86.7 MiB`.
    static func fileSize(_ count: Int) -> String {
        if count < 1024 { return "\(count) B" }
        return count < 1_048_576 ? "\(fixed(Double(count) / 1024, 1)) KiB" : bytes(count)
    }

    /// The start of a text in quotes on one line, about `width` columns wide.
    static func excerpt(_ text: String, width: Int) -> String {
        var result = "\""
        var columns = 2
        for character in text.prefix(width + 1) {
            if columns >= width {
                result += "…"
                break
            }
            result += character.isNewline || character == "\t" ? " " : Console.oneLine(String(character))
            columns += character.columns
        }
        return result + "\""
    }

    static func padded(_ text: String, to width: Int, alignRight: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - text.columns))
        return alignRight ? space + text : text + space
    }
}

#endif
