#if Hub

package import NIOHTTP1

/// How long a server asks to wait: a number of seconds, or a date, which counts from the answer's own (RFC
/// 9110, 10.2.3). OpenAI also says it in milliseconds, and the hub names the end of a limit in `RateLimit`
/// (draft-ietf-httpapi-ratelimit-headers).
package enum RetryAfter {
    package static func delay(_ headers: HTTPHeaders) -> Duration? {
        if let milliseconds = number(headers.first(name: "retry-after-ms")) { return milliseconds / 1000 }
        guard let text = headers.first(name: "Retry-After") else { return endOfLimit(headers) }
        if let seconds = number(text) { return seconds }
        guard let then = seconds(text), let now = headers.first(name: "Date").flatMap(seconds) else {
            return nil
        }
        return .seconds(min(max(0, then - now), 1 << 30))
    }

    /// A number of seconds, of which some services send a fraction.
    private static func number(_ text: String?) -> Duration? {
        guard let text, let seconds = Double(text), seconds >= 0, seconds.isFinite else { return nil }
        return .seconds(min(seconds, Double(1 << 30)))
    }

    /// Of `"api";r=0;t=55`: no requests are left, and the limit begins anew in 55 seconds.
    private static func endOfLimit(_ headers: HTTPHeaders) -> Duration? {
        let text = (headers.first(name: "RateLimit") ?? "").filter { $0 != " " }
        let parts = text.split(separator: ";")
        guard parts.contains("r=0"), let end = parts.first(where: { $0.hasPrefix("t=") }),
            let seconds = Int(end.dropFirst(2)), seconds >= 0
        else { return nil }
        return .seconds(min(max(seconds, 1), 1 << 30))
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Seconds since 1970 of a date such as `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func seconds(_ date: String) -> Int? {
        let parts = date.split { $0 == " " || $0 == ":" }
        guard parts.count == 8, parts[7] == "GMT", let month = months.firstIndex(of: String(parts[2])) else {
            return nil
        }
        let numbers = [1, 3, 4, 5, 6].compactMap { Int(parts[$0]) }
        guard numbers.count == 5, (1...31).contains(numbers[0]), (1970...9999).contains(numbers[1]) else {
            return nil
        }
        guard (0...23).contains(numbers[2]), (0...59).contains(numbers[3]), (0...60).contains(numbers[4])
        else { return nil }
        // Years that begin in March have the leap day at their end.
        let year = month < 2 ? numbers[1] - 1 : numbers[1]
        let dayOfYear = (153 * ((month + 10) % 12) + 2) / 5 + numbers[0] - 1
        let days = 365 * year + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
        return ((days * 24 + numbers[2]) * 60 + numbers[3]) * 60 + numbers[4]
    }
}

#endif
