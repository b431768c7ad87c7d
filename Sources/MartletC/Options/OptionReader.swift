import MartletJSON

/// The options of a call: a JSON object whose members are taken by name. What nobody has taken at the end is
/// an error.
struct OptionReader {
    private let object: JSONObject
    private let path: String
    private var known: [String] = []

    /// - Parameter json: NULL for no options.
    init(_ json: UnsafePointer<CChar>?) throws(CallError) {
        guard let text = try CText.read(json, "options") else {
            self.init(JSONObject(), path: "")
            return
        }
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue.parse(utf8: text) } catch {
            throw .option("options are not JSON: \(error.message)")
        }
        guard let object = value.object else {
            throw .option("options are \(value.kind); expected an object")
        }
        self.init(object, path: "")
    }

    private init(_ object: JSONObject, path: String) {
        self.object = object
        self.path = path
    }

    private func wrong(_ name: String, _ value: JSONValue, _ expected: String) -> CallError {
        .option("option \((path + name).quotedForMessage) is \(value.kind); expected \(expected)")
    }

    /// The value of an option; nil if it is missing or null.
    mutating func value(_ name: String) -> JSONValue? {
        known.append(name)
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    mutating func string(_ name: String) throws(CallError) -> String? {
        guard let value = value(name) else { return nil }
        guard let string = value.string else { throw wrong(name, value, "a string") }
        return string
    }

    mutating func strings(_ name: String) throws(CallError) -> [String]? {
        guard let value = value(name) else { return nil }
        let strings = value.array?.compactMap(\.string)
        guard let strings, strings.count == value.array?.count else {
            throw wrong(name, value, "an array of strings")
        }
        return strings
    }

    mutating func integer(_ name: String) throws(CallError) -> Int? {
        guard let value = value(name) else { return nil }
        guard let integer = value.int else { throw wrong(name, value, "an integer") }
        return integer
    }

    mutating func number(_ name: String) throws(CallError) -> Float? {
        guard let value = value(name) else { return nil }
        guard let number = value.double else { throw wrong(name, value, "a number") }
        return Float(number)
    }

    mutating func flag(_ name: String) throws(CallError) -> Bool? {
        guard let value = value(name) else { return nil }
        guard let flag = value.bool else { throw wrong(name, value, "true or false") }
        return flag
    }

    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) throws(CallError)
        -> Choice?
    {
        guard let text = try string(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw .option(
                "option \((path + name).quotedForMessage) is \(text.quotedForMessage); expected one of \(names)"
            )
        }
        return choice
    }

    /// Options inside an option.
    mutating func options(_ name: String) throws(CallError) -> OptionReader? {
        guard let value = value(name) else { return nil }
        guard let object = value.object else { throw wrong(name, value, "an object") }
        return OptionReader(object, path: "\(path)\(name).")
    }

    /// - Throws: If one of the options is given, which all have no effect beside another.
    func refuse(_ names: [String], beside other: String) throws(CallError) {
        guard let name = names.first(where: { object[$0].map { !$0.isNull } ?? false }) else { return }
        throw .option(
            "option \((path + name).quotedForMessage) has no effect beside \((path + other).quotedForMessage); leave it out"
        )
    }

    /// - Throws: If an option is given that is none of the names.
    func refuse(beside other: String, allBut names: Set<String>) throws(CallError) {
        try refuse(object.members.map(\.key).filter { !names.contains($0) }, beside: other)
    }

    /// - Throws: If there is an option that the call does not know, or one comes twice.
    func finish() throws(CallError) {
        var seen: Set<String> = []
        for member in object.members {
            let name = (path + member.key).quotedForMessage
            guard known.contains(member.key) else {
                throw .option("there is no option \(name); expected one of \(known.joined(separator: ", "))")
            }
            guard seen.insert(member.key).inserted else {
                throw .option("option \(name) comes twice; expected it once")
            }
        }
    }
}
