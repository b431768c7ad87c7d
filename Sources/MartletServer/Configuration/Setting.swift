#if Server

/// One setting by name: the command's option `--name`, the member `name` of a configuration file, and the
/// variable `MARTLET_NAME` of the environment, with `_` in place of `-`. All three go through `apply`. The
/// option and its help are made from it.
public struct Setting: Sendable {
    /// As the option and the environment variable spell it.
    public let name: String
    /// What stands for the value in the help; nil: a flag, which takes none.
    public let valueName: String?
    /// One letter for the option, too.
    public let short: Character?
    /// Whether it may be given several times.
    public let isList: Bool
    /// For people.
    public let help: String
    /// The numbers that it may be.
    let range: ClosedRange<Int>?
    /// Reads a value as text; a list comes one element at a time.
    let apply: @Sendable (inout ServerConfiguration, String) throws(ServerError) -> Void
    /// The value as it stands, for `--print-config`; nil where it is not set.
    let value: @Sendable (ServerConfiguration) -> SettingValue?

    /// The variable of the environment.
    public var variable: String {
        "MARTLET_" + name.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
    }

    /// What it is where nobody sets it, as one would write it; nil: a flag, or nothing.
    public var defaultText: String? {
        switch value(ServerConfiguration()) {
        case .text(let text)?: text
        case .integer(let seconds)? where valueName == "time": "\(seconds)s"
        case .integer(let bytes)? where bytes >= 1 << 20 && bytes % (1 << 20) == 0: "\(bytes >> 20)MiB"
        case .integer(let number)?: "\(number)"
        case .flag?, .list?, nil: nil
        }
    }

    init(
        _ name: String, _ valueName: String?, short: Character? = nil, isList: Bool = false, _ help: String,
        in range: ClosedRange<Int>? = nil,
        apply: @escaping @Sendable (inout ServerConfiguration, String) throws(ServerError) -> Void,
        value: @escaping @Sendable (ServerConfiguration) -> SettingValue?
    ) {
        self.name = name
        self.valueName = valueName
        self.short = short
        self.isList = isList
        self.help = help
        self.range = range
        self.apply = apply
        self.value = value
    }

    /// - Throws: If a number is none that it may be.
    func check(_ configuration: ServerConfiguration) throws(ServerError) {
        guard let range, case .integer(let number)? = value(configuration), !range.contains(number) else {
            return
        }
        let expected =
            range.upperBound == .max
            ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
        throw ServerError("\(name) is \(number), expected \(expected)")
    }
}

/// A setting's value in the shapes of a configuration file.
enum SettingValue: Sendable, Equatable {
    case text(String)
    case integer(Int)
    case flag(Bool)
    case list([String])
}

extension Setting {
    typealias Path<Value> = any WritableKeyPath<ServerConfiguration, Value> & Sendable

    static func text(_ name: String, _ valueName: String, _ help: String, _ path: Path<String?>) -> Setting {
        Setting(
            name, valueName, help,
            apply: { (configuration, text) throws(ServerError) in configuration[keyPath: path] = text },
            value: { $0[keyPath: path].map { .text($0) } })
    }

    static func text(_ name: String, _ valueName: String, _ help: String, _ path: Path<String>) -> Setting {
        Setting(
            name, valueName, help,
            apply: { (configuration, text) throws(ServerError) in configuration[keyPath: path] = text },
            value: { .text($0[keyPath: path]) })
    }

    static func flag(_ name: String, _ help: String, _ path: Path<Bool>) -> Setting {
        Setting(
            name, nil, help,
            apply: { (configuration, text) throws(ServerError) in
                switch text.lowercased() {
                case "true", "1", "yes", "on": configuration[keyPath: path] = true
                case "false", "0", "no", "off": configuration[keyPath: path] = false
                default: throw ServerError("\(name) is \(text), expected true or false")
                }
            }, value: { .flag($0[keyPath: path]) })
    }

    /// A number, or a number of bytes such as "16MiB".
    static func integer(
        _ name: String, value valueName: String = "n", short: Character? = nil, _ help: String,
        _ path: Path<Int>,
        in range: ClosedRange<Int> = 1...Int.max
    ) -> Setting {
        Setting(
            name, valueName, short: short, help, in: range,
            apply: { (configuration, text) throws(ServerError) in
                configuration[keyPath: path] = try number(text, name)
            },
            value: { .integer($0[keyPath: path]) })
    }

    static func integer(
        _ name: String, value valueName: String = "n", _ help: String, _ path: Path<Int?>,
        in range: ClosedRange<Int> = 1...Int.max
    ) -> Setting {
        Setting(
            name, valueName, help, in: range,
            apply: { (configuration, text) throws(ServerError) in
                configuration[keyPath: path] = try number(text, name)
            },
            value: { $0[keyPath: path].map { .integer($0) } })
    }

    /// Seconds, or a duration such as "5m"; negative: for good.
    static func seconds(_ name: String, _ help: String, _ path: Path<Int?>, from least: Int = 1) -> Setting {
        Setting(
            name, "time", help, in: least...1_000_000_000,
            apply: { (configuration, text) throws(ServerError) in
                guard let seconds = Duration.seconds(text) else {
                    throw ServerError("\(name) is \(text), expected seconds or a duration such as 5m")
                }
                configuration[keyPath: path] = seconds < 0 ? nil : seconds
            },
            // What is not limited has no number to check.
            value: { $0[keyPath: path].map { .integer($0) } ?? .text("-1") })
    }

    static func list(_ name: String, _ valueName: String, _ help: String, _ path: Path<[String]>) -> Setting {
        Setting(
            name, valueName, isList: true, help,
            apply: { (configuration, text) throws(ServerError) in
                configuration[keyPath: path] += text.split(separator: ",").map { part in
                    String(part.drop { $0 == " " })
                }
            }, value: { .list($0[keyPath: path]) })
    }

    static func number(_ text: String, _ name: String) throws(ServerError) -> Int {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }.lowercased()
        let factors = [
            "": 1, "k": 1 << 10, "kib": 1 << 10, "m": 1 << 20, "mib": 1 << 20, "g": 1 << 30, "gib": 1 << 30,
        ]
        guard let number = Int(digits), let factor = factors[unit] else {
            let isBytes = name.contains("bytes") || name.contains("memory")
            throw ServerError("\(name) is \(text), expected \(isBytes ? "bytes such as 16MiB" : "a number")")
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { throw ServerError("\(name) is \(text), too large a number") }
        return product
    }
}

#endif
