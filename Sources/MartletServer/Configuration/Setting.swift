#if Server

/// One setting by name: the command's option `--name`, the member `name` of a configuration file, and the variable `MARTLET_NAME`
/// of the environment, with `_` in place of `-`. All three go through `apply`.
public struct Setting: Sendable {
    public let name: String
    /// For people.
    public let help: String
    /// Reads a value as text; a list comes one element at a time.
    let apply: @Sendable (inout ServerConfiguration, String) throws(ServerError) -> Void
    /// The value as it stands, for `--print-config`; nil where it is not set.
    let value: @Sendable (ServerConfiguration) -> SettingValue?

    /// The variable of the environment.
    public var variable: String { "MARTLET_" + name.uppercased().map { $0 == "-" ? "_" : String($0) }.joined() }
}

/// A setting's value in the shapes of a configuration file.
enum SettingValue: Sendable, Equatable {
    case text(String)
    case integer(Int)
    case flag(Bool)
    case list([String])
}

extension Setting {
    static func text(_ name: String, _ help: String, _ path: any WritableKeyPath<ServerConfiguration, String?> & Sendable) -> Setting {
        Setting(
            name: name, help: help, apply: { (configuration, text) throws(ServerError) in configuration[keyPath: path] = text },
            value: { $0[keyPath: path].map { .text($0) } })
    }

    static func text(_ name: String, _ help: String, _ path: any WritableKeyPath<ServerConfiguration, String> & Sendable) -> Setting {
        Setting(
            name: name, help: help, apply: { (configuration, text) throws(ServerError) in configuration[keyPath: path] = text },
            value: { .text($0[keyPath: path]) })
    }

    static func flag(_ name: String, _ help: String, _ path: any WritableKeyPath<ServerConfiguration, Bool> & Sendable) -> Setting {
        Setting(
            name: name, help: help,
            apply: { (configuration, text) throws(ServerError) in
                switch text.lowercased() {
                case "true", "1", "yes", "on": configuration[keyPath: path] = true
                case "false", "0", "no", "off": configuration[keyPath: path] = false
                default: throw ServerError("\(name) is \(text), expected true or false")
                }
            }, value: { .flag($0[keyPath: path]) })
    }

    /// A number, or a number of bytes such as "16MiB".
    static func integer(_ name: String, _ help: String, _ path: any WritableKeyPath<ServerConfiguration, Int> & Sendable) -> Setting {
        Setting(
            name: name, help: help,
            apply: { (configuration, text) throws(ServerError) in configuration[keyPath: path] = try number(text, name) },
            value: { .integer($0[keyPath: path]) })
    }

    static func integer(_ name: String, _ help: String, _ path: any WritableKeyPath<ServerConfiguration, Int?> & Sendable) -> Setting {
        Setting(
            name: name, help: help,
            apply: { (configuration, text) throws(ServerError) in configuration[keyPath: path] = try number(text, name) },
            value: { $0[keyPath: path].map { .integer($0) } })
    }

    /// Seconds, or a duration such as "5m"; negative: for good.
    static func seconds(_ name: String, _ help: String, _ path: any WritableKeyPath<ServerConfiguration, Int?> & Sendable) -> Setting {
        Setting(
            name: name, help: help,
            apply: { (configuration, text) throws(ServerError) in
                guard let seconds = Duration.seconds(text) else {
                    throw ServerError("\(name) is \(text), expected seconds or a duration such as 5m")
                }
                configuration[keyPath: path] = seconds < 0 ? nil : seconds
            }, value: { .integer($0[keyPath: path] ?? -1) })
    }

    static func list(
        _ name: String, _ help: String, _ path: any WritableKeyPath<ServerConfiguration, [String]> & Sendable
    ) -> Setting {
        Setting(
            name: name, help: help,
            apply: { (configuration, text) throws(ServerError) in
                configuration[keyPath: path] += text.split(separator: ",").map { part in
                    String(part.drop { $0 == " " })
                }
            }, value: { .list($0[keyPath: path]) })
    }

    static func number(_ text: String, _ name: String) throws(ServerError) -> Int {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }.lowercased()
        let factors = ["": 1, "k": 1 << 10, "kib": 1 << 10, "m": 1 << 20, "mib": 1 << 20, "g": 1 << 30, "gib": 1 << 30]
        guard let number = Int(digits), let factor = factors[unit] else {
            throw ServerError("\(name) is \(text), expected a number, or bytes such as 16MiB")
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { throw ServerError("\(name) is \(text), too large a number") }
        return product
    }
}

#endif
