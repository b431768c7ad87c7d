#if Server

internal import Logging
internal import MartletJSON
internal import MartletSystem

/// Writes each message as one line to stderr, as text or as JSON.
struct LineLogHandler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    private let format: ServerConfiguration.LogFormat

    init(_ format: ServerConfiguration.LogFormat) { self.format = format }

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let own = event.metadata ?? [:]
        let all = (metadata.isEmpty ? own : metadata.merging(own) { $1 }).sorted { $0.key < $1.key }
        var line: [UInt8] = []
        line.reserveCapacity(256)
        switch format {
        case .text:
            line += "\(WallClock.text()) \(event.level.rawValue) \(event.message)".utf8
            for (key, value) in all {
                line.append(UInt8(ascii: " "))
                line += key.utf8
                line.append(UInt8(ascii: "="))
                Self.append(value.description, to: &line)
            }
        case .json:
            line += Array(
                #"{"time":"\#(WallClock.text())","level":"\#(event.level.rawValue)","message":"#.utf8)
            JSONText.append(event.message.description, to: &line)
            for (key, value) in all {
                line.append(UInt8(ascii: ","))
                JSONText.append(key, to: &line)
                line.append(UInt8(ascii: ":"))
                Self.append(json: value, to: &line)
            }
            line.append(UInt8(ascii: "}"))
        }
        line.append(UInt8(ascii: "\n"))
        line.withUnsafeBytes { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// Numbers as numbers, all else as text.
    private static func append(json value: Logger.MetadataValue, to line: inout [UInt8]) {
        switch value {
        case .stringConvertible(let number as Int): JSONText.append(number, to: &line)
        case .stringConvertible(let number as Double) where number.isFinite:
            JSONText.append(number, to: &line)
        default: JSONText.append(value.description, to: &line)
        }
    }

    /// As it is if it is one word, else in quotes.
    private static func append(_ text: String, to line: inout [UInt8]) {
        let isWord =
            !text.isEmpty
            && text.utf8.allSatisfy {
                $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=")
            }
        if isWord { line += text.utf8 } else { JSONText.append(text, to: &line) }
    }
}

/// For a library whose messages Martlet says in its own words.
struct QuietLogHandler: LogHandler {
    var logLevel = Logger.Level.critical
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {}
}

#endif
