/// Dates and times of RFC 3339, with the time, seconds and zone left out at will: UTC where there is none.
public enum Timestamp {
    /// Milliseconds since 1970-01-01 00:00 UTC; nil if the text is no date.
    public static func milliseconds(_ text: String) -> Int? {
        var rest = Substring(text)
        func number(_ digits: Int) -> Int? {
            guard rest.utf8.prefix(digits).count == digits,
                rest.utf8.prefix(digits).allSatisfy({ $0 &- 0x30 < 10 })
            else { return nil }
            defer { rest = rest.dropFirst(digits) }
            return Int(rest.prefix(digits))
        }
        func take(_ characters: String) -> Bool {
            guard let first = rest.first, characters.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard let year = number(4), take("-"), let month = number(2), (1...12).contains(month), take("-"),
            let day = number(2),
            (1...days(year, month)).contains(day)
        else { return nil }
        var time = daysSince1970(year, month, day) * 86_400_000
        if rest.isEmpty { return time }
        guard take("T t"), let hour = number(2), hour < 24, take(":"), let minute = number(2), minute < 60
        else { return nil }
        time += (hour * 60 + minute) * 60_000
        if take(":") {
            guard let second = number(2), second < 61 else { return nil }
            time += second * 1000
            if take(".") {
                let digits = rest.prefix { $0.isASCII && $0.isNumber }
                guard !digits.isEmpty else { return nil }
                time += Int((digits + "00").prefix(3)) ?? 0
                rest = rest.dropFirst(digits.count)
            }
        }
        if rest.isEmpty || (take("Zz") && rest.isEmpty) { return time }
        let isNegative = rest.first == "-"
        guard take("+-"), let hours = number(2), hours < 24, take(":"), let minutes = number(2), minutes < 60,
            rest.isEmpty
        else { return nil }
        let zone = (hours * 60 + minutes) * 60_000
        time += isNegative ? zone : -zone
        // A zone can move a time out of the years of four digits.
        return writable.contains(time) ? time : nil
    }

    /// From the first to the last millisecond that is written with a year of four digits.
    private static let writable =
        daysSince1970(0, 1, 1) * 86_400_000..<daysSince1970(10_000, 1, 1) * 86_400_000

    /// The time as text, such as 2024-05-31T12:00:00Z.
    public static func text(_ milliseconds: Int) -> String {
        let day = (milliseconds >= 0 ? milliseconds : milliseconds - 86_399_999) / 86_400_000
        let rest = milliseconds - day * 86_400_000
        let (year, month, date) = civil(day)
        func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
        let years = String(year)
        let head =
            "\(String(repeating: "0", count: max(0, 4 - years.count)))\(years)-\(two(month))-\(two(date))"
        let seconds = rest / 1000
        let fraction = rest % 1000 == 0 ? "" : ".\(String(1000 + rest % 1000).dropFirst())"
        return "\(head)T\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))\(fraction)Z"
    }

    private static func days(_ year: Int, _ month: Int) -> Int {
        if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
        return [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    // Days of the proleptic Gregorian calendar in eras of 400 years that begin in March: Howard Hinnant,
    // chrono-compatible low-level date algorithms (2014).
    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let place = (5 * dayOfYear + 2) / 153
        let month = place < 10 ? place + 3 : place - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * place + 2) / 5 + 1)
    }
}
