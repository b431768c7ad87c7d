internal import MartletCompute
internal import MartletJSON

/// Checked members of a transformers configuration: what is there must be of the right kind, and what is
/// absent or null has the default that the family's configuration class gives it.
struct ConfigurationReader {
    private let json: JSONValue
    /// The members that were asked for.
    let asked: AskedMembers
    let file: String
    /// The file, and the member of it that is read, for messages.
    let place: String
    /// What kind of configuration it is, for messages.
    let family: String

    init(_ json: JSONValue, file: String, family: String, place: String? = nil, asked: AskedMembers = .init())
    {
        self.json = json
        self.asked = asked
        self.file = file
        self.place = place ?? file
        self.family = family
    }

    /// A positive integer under the first of `keys` that is there.
    func size(_ keys: String..., default standard: Int? = nil) throws(ModelError) -> Int {
        // Of several spellings the first counts; the others are known, too.
        asked.names.formUnion(keys)
        guard let key = keys.first(where: { has($0) }) else {
            if let standard { return standard }
            throw invalid("has no \"\(keys[0])\"; a \(family) configuration needs it", separator: " ")
        }
        guard let number = member(named: key)?.int, number > 0, number <= 1 << 28 else {
            throw invalid("\"\(key)\" must be a positive integer")
        }
        return number
    }

    /// Layers are counted one by one before the file's tensors are.
    func layers() throws(ModelError) -> Int {
        let layers = try size("num_hidden_layers")
        guard layers <= 1 << 16 else { throw invalid("\(layers) layers are more than any model has") }
        return layers
    }

    func number(_ keys: String..., default standard: Double) throws(ModelError) -> Double {
        try number(keys, default: standard)
    }

    private func number(_ keys: [String], default standard: Double) throws(ModelError) -> Double {
        asked.names.formUnion(keys)
        for key in keys { if let value = try value(key, "a number", \.double) { return value } }
        return standard
    }

    func flag(_ key: String, default standard: Bool = false) throws(ModelError) -> Bool {
        try value(key, "true or false", \.bool) ?? standard
    }

    func string(_ key: String) throws(ModelError) -> String? { try value(key, "a string", \.string) }

    func value<Value>(_ key: String, _ kind: String, _ read: (JSONValue) -> Value?) throws(ModelError)
        -> Value?
    {
        guard let found = member(named: key), !found.isNull else { return nil }
        guard let value = read(found) else {
            throw invalid("\"\(key)\" must be \(kind), found \(found.kind)")
        }
        return value
    }

    /// Whether a member is there and not null.
    func has(_ key: String) -> Bool { member(named: key).map { !$0.isNull } ?? false }

    /// A member as it is; nil: it is absent.
    func member(named key: String) -> JSONValue? {
        asked.names.insert(key)
        return json[key]
    }

    /// Whether `architectures` or `auto_map` names one of these classes.
    func hasClass(in names: [String]) -> Bool { classes.contains(where: names.contains) }

    /// The classes that `architectures` and `auto_map` name, without their modules.
    var classes: [String] {
        let listed = json["architectures"]?.array?.compactMap(\.string) ?? []
        let mapped = (json["auto_map"]?.object?.members ?? []).filter { $0.key.hasPrefix("AutoModel") }
            .compactMap(\.value.string)
        return listed + mapped.compactMap { $0.split(separator: ".").last.map(String.init) }
    }

    /// What `auto_map` loads an encoder by, if it is neither of `known` classes nor one of transformers' own.
    func unknownCode(_ known: [String]) -> String? {
        let models = (json["auto_map"]?.object?.members ?? []).filter { $0.key.hasPrefix("AutoModel") }
            .compactMap(\.value.string)
        let encoders = (json["auto_map"]?["AutoModel"]?.string).map { [$0] } ?? models
        return encoders.first { name in
            !known.contains(name.split(separator: ".").last.map(String.init) ?? "")
        }
    }

    /// Whether an object has no members.
    var isEmpty: Bool { json.object?.isEmpty ?? true }

    /// The members of an object, and those of another one in their place where both have them.
    func overlaid(by other: ConfigurationReader?) -> ConfigurationReader {
        guard let other else { return self }
        let names = Set((other.json.object?.members ?? []).map(\.key))
        let members =
            (json.object?.members ?? []).filter { !names.contains($0.key) }
            + (other.json.object?.members ?? [])
        // What the one that is made is asked for, both are.
        asked.names.formUnion(names)
        return ConfigurationReader(
            .object(JSONObject(members)), file: file, family: family, place: other.place,
            asked: AskedMembers(passingOnTo: [asked, other.asked]))
    }

    /// The readers of all members that are objects, and of theirs, in the order of their names.
    var inner: [ConfigurationReader] {
        asked.inner.sorted { $0.key < $1.key }.flatMap { [$0.value] + $0.value.inner }
    }

    /// Members that are there, not null, and were never asked for.
    var unasked: [String] {
        (json.object?.members ?? []).filter { !$0.value.isNull && !asked.names.contains($0.key) }.map(\.key)
    }

    func epsilon(_ keys: String..., default standard: Double) throws(ModelError) -> Float {
        let epsilon = Float(try number(keys, default: standard))
        guard epsilon >= 0, epsilon < 1 else {
            throw invalid("layer norm epsilon \(epsilon) is out of range")
        }
        return epsilon
    }

    func activation(_ key: String, default standard: String) throws(ModelError) -> Activation {
        let name = try string(key) ?? standard
        guard let activation = Activation(configured: name) else {
            throw unsupported("\(key) \(name.quotedForMessage) is not supported")
        }
        return activation
    }

    /// The hidden size divided among the heads.
    func headSize(hidden: Int, heads: Int) throws(ModelError) -> Int {
        guard hidden % heads == 0 else {
            throw invalid("hidden size \(hidden) is not a multiple of \(heads) attention heads")
        }
        return hidden / heads
    }

    /// An error where a member is neither absent nor one of `values`.
    func require(_ key: String, oneOf values: String...) throws(ModelError) {
        guard let found = try string(key), !values.contains(found) else { return }
        let known = values.map(\.quotedForMessage).joined(separator: ", ")
        throw unsupported("\(key) \(found.quotedForMessage) is not supported; \(known) is")
    }

    /// An error where a flag is neither absent nor `expected`.
    func require(_ key: String, _ expected: Bool, because reason: String) throws(ModelError) {
        guard try flag(key, default: expected) == expected else {
            throw unsupported("\(key) is \(!expected); \(reason)")
        }
    }

    func invalid(_ message: String, separator: String = ": ") -> ModelError {
        ModelError(.invalidConfiguration, place + separator + message, file: file)
    }
    func unsupported(_ message: String) -> ModelError {
        ModelError(.unsupported, "\(place): \(message)", file: file)
    }
}

/// The members of a configuration that a family's reader asked for: what it never asks for has no effect, and
/// must be known to have none.
final class AskedMembers {
    var names: Set<String> = [] {
        didSet { for other in others { other.names.formUnion(names) } }
    }
    /// Of members that are objects.
    var inner: [String: ConfigurationReader] = [:]
    private let others: [AskedMembers]

    init(passingOnTo others: [AskedMembers] = []) { self.others = others }
}
