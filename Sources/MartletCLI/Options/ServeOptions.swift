#if Command && Server

import ArgumentParser
import MartletServer

/// The server's settings as options: each row of `Setting.all` is one, with its help and in the shells'
/// completions.
///
/// ArgumentParser finds the options of a type by reflection, and so does this type show them.
struct ServeOptions: ParsableArguments, CustomReflectable {
    /// Names and values as they were given.
    private(set) var given: [(name: String, value: String)] = []

    init() {}

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        for setting in Setting.all {
            let key = Key(stringValue: setting.name)
            let values: [String] =
                if setting.isList {
                    try container.decode(Option<[String]>.self, forKey: key).wrappedValue
                } else if setting.valueName == nil {
                    try container.decode(Flag<Bool>.self, forKey: key).wrappedValue ? ["true"] : []
                } else {
                    try container.decode(Option<String?>.self, forKey: key).wrappedValue.map { [$0] } ?? []
                }
            given += values.map { (name: setting.name, value: $0) }
        }
    }

    var customMirror: Mirror {
        Mirror(self, children: Setting.all.map { (label: $0.name, value: Self.option($0)) })
    }

    private static func option(_ setting: Setting) -> Any {
        let text = setting.help + "." + (setting.defaultText.map { " Default: \($0)." } ?? "")
        let help = ArgumentHelp("\(text)", valueName: setting.valueName)
        let name = NameSpecification(
            [.customLong(setting.name)] + (setting.short.map { [.customShort($0)] } ?? []))
        if setting.valueName == nil { return Flag(wrappedValue: false, name: name, help: help) }
        let completion: CompletionKind =
            ["path", "folder", "file"].contains(setting.valueName) ? .file() : .default
        if setting.isList {
            return Option<[String]>(wrappedValue: [], name: name, help: help, completion: completion)
        }
        return Option<String?>(wrappedValue: nil, name: name, help: help, completion: completion)
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

#endif
