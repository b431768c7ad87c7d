#if Server

internal import MartletJSON

extension ServerConfiguration {
    /// Values of the three origins; an option wins over the environment, and that over the file.
    /// - Parameters:
    ///   - file: The text of a configuration file, a JSON object with settings as members, and its name for
    ///     messages.
    ///   - environment: Gives a variable's value.
    ///   - options: Names and values in the order given.
    public mutating func apply(
        file: (text: String, name: String)?, environment: (String) -> String?,
        options: [(name: String, value: String)]
    ) throws(ServerError) {
        let fromFile =
            try file.map { (file) throws(ServerError) in try Self.values(ofFile: file.text, file.name) }
            ?? [:]
        for setting in Setting.all {
            let given = options.filter { $0.name == setting.name }.map(\.value)
            if !given.isEmpty {
                for value in given { try apply(setting, value, "--\(setting.name)") }
            } else if let value = environment(setting.variable) {
                try apply(setting, value, setting.variable)
            } else if let values = fromFile[setting.name] {
                for value in values { try apply(setting, value, file?.name ?? "") }
            }
        }
    }

    private mutating func apply(_ setting: Setting, _ value: String, _ place: String) throws(ServerError) {
        do throws(ServerError) {
            try setting.apply(&self, value)
        } catch {
            throw ServerError("\(place): \(error.message)")
        }
    }

    private static func values(ofFile text: String, _ name: String) throws(ServerError) -> [String: [String]]
    {
        let json: JSONValue
        do throws(JSONError) { json = try JSONValue.parse(utf8: text) } catch {
            throw ServerError("\(name): \(error.message)")
        }
        guard let object = json.object else {
            throw ServerError("\(name): expected a JSON object of settings, found \(json.kind)")
        }
        var values: [String: [String]] = [:]
        for member in object.members {
            guard Setting.all.contains(where: { $0.name == member.key }) else {
                throw ServerError(
                    "\(name): unknown setting \(member.key.quotedForMessage); martlet serve --help lists them"
                )
            }
            let elements = member.value.array ?? [member.value]
            var texts: [String] = []
            for element in elements where !element.isNull {
                switch element {
                case .string(let text): texts.append(text)
                case .integer(let number): texts.append("\(number)")
                case .bool(let flag): texts.append("\(flag)")
                default:
                    throw ServerError(
                        "\(name): \(member.key) is \(element.kind), expected text, a whole number, true or false"
                    )
                }
            }
            values[member.key] = texts
        }
        return values
    }

    /// The configuration as a file would hold it, one setting to a line; the key is hidden.
    public var text: String {
        let lines = Setting.all.compactMap { setting -> String? in
            guard let value = setting.value(self) else { return nil }
            var bytes: [UInt8] = Array("  ".utf8)
            JSONText.append(setting.name, to: &bytes)
            bytes.append(": ")
            let shown: JSONValue =
                switch value {
                case .text(let text) where setting.valueName == "time": .integer(Int(text) ?? -1)
                case .text(let text): .string(setting.name == "api-key" ? "***" : text)
                case .integer(let number): .integer(number)
                case .flag(let flag): .bool(flag)
                case .list(let list): .strings(list)
                }
            JSONText.append(shown, to: &bytes)
            return String(decoding: bytes, as: UTF8.self)
        }
        return "{\n" + lines.joined(separator: ",\n") + "\n}\n"
    }
}

#endif
