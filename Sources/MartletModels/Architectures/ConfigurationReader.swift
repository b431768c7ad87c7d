internal import MartletCompute
internal import MartletJSON

/// Checked members of a transformers configuration: what is there must be of the right kind, and what is absent or null has the
/// default that the family's configuration class gives it.
struct ConfigurationReader {
    let json: JSONValue
    let file: String
    /// The file, and the member of it that is read, for messages.
    let place: String
    /// What kind of configuration it is, for messages.
    let family: String

    init(_ json: JSONValue, file: String, family: String, place: String? = nil) {
        self.json = json
        self.file = file
        self.place = place ?? file
        self.family = family
    }

    /// A positive integer under the first of `keys` that is there.
    func size(_ keys: String..., default standard: Int? = nil) throws(ModelError) -> Int {
        guard let key = keys.first(where: { has($0) }) else {
            if let standard { return standard }
            throw invalid("has no \"\(keys[0])\"; a \(family) configuration needs it", separator: " ")
        }
        guard let number = json[key]?.int, number > 0, number <= 1 << 28 else { throw invalid("\"\(key)\" must be a positive integer") }
        return number
    }

    /// Layers are counted one by one before the file's tensors are.
    func layers() throws(ModelError) -> Int {
        let layers = try size("num_hidden_layers")
        guard layers <= 1 << 16 else { throw invalid("\(layers) layers are more than any model has") }
        return layers
    }

    func number(_ keys: String..., default standard: Double) throws(ModelError) -> Double { try number(keys, default: standard) }

    private func number(_ keys: [String], default standard: Double) throws(ModelError) -> Double {
        for key in keys { if let value = try value(key, "a number", \.double) { return value } }
        return standard
    }

    func flag(_ key: String, default standard: Bool = false) throws(ModelError) -> Bool {
        try value(key, "true or false", \.bool) ?? standard
    }

    func string(_ key: String) throws(ModelError) -> String? { try value(key, "a string", \.string) }

    func value<Value>(_ key: String, _ kind: String, _ read: (JSONValue) -> Value?) throws(ModelError) -> Value? {
        guard let found = json[key], !found.isNull else { return nil }
        guard let value = read(found) else { throw invalid("\"\(key)\" must be \(kind), found \(found.kind)") }
        return value
    }

    /// Whether a member is there and not null.
    func has(_ key: String) -> Bool { json[key].map { !$0.isNull } ?? false }

    func epsilon(_ keys: String..., default standard: Double) throws(ModelError) -> Float {
        let epsilon = Float(try number(keys, default: standard))
        guard epsilon >= 0, epsilon < 1 else { throw invalid("layer norm epsilon \(epsilon) is out of range") }
        return epsilon
    }

    func activation(_ key: String, default standard: String) throws(ModelError) -> Activation {
        let name = try string(key) ?? standard
        guard let activation = Activation(configured: name) else { throw unsupported("\(key) \(name.quotedForMessage) is not supported") }
        return activation
    }

    /// The hidden size divided among the heads.
    func headSize(hidden: Int, heads: Int) throws(ModelError) -> Int {
        guard hidden % heads == 0 else { throw invalid("hidden size \(hidden) is not a multiple of \(heads) attention heads") }
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
        guard try flag(key, default: expected) == expected else { throw unsupported("\(key) is \(!expected); \(reason)") }
    }

    func invalid(_ message: String, separator: String = ": ") -> ModelError {
        ModelError(.invalidConfiguration, place + separator + message, file: file)
    }
    func unsupported(_ message: String) -> ModelError { ModelError(.unsupported, "\(place): \(message)", file: file) }
}
