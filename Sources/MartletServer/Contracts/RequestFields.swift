#if Server

internal import Martlet
internal import MartletJSON

/// The members of a request's body, with errors that name the member, what was expected and what was found.
///
/// Members that are not asked for are ignored: clients send more than any server reads. Null counts as
/// absent.
struct RequestFields: Sendable {
    let object: JSONObject

    init(_ object: JSONObject) { self.object = object }

    /// - Parameter halves: How many halves of surrogate pairs were read as U+FFFD: no text has them, and one
    ///   must not refuse all others.
    init(body: UnsafeRawBufferPointer, halves: inout Int) throws(ServiceError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try Self.parse(body, &halves)
        } catch {
            throw ServiceError(
                .syntax,
                body.isEmpty
                    ? "the body is empty, expected a JSON object" : "the body is not JSON: \(error.message)")
        }
        guard let object = value.object else {
            throw ServiceError(.invalid, "the body is \(value.kind), expected a JSON object")
        }
        self.object = object
    }

    private static func parse(_ body: UnsafeRawBufferPointer, _ halves: inout Int) throws(JSONError)
        -> JSONValue
    {
        do throws(JSONError) {
            return try JSONValue.parse(body)
        } catch {
            guard error.code == .invalidEscape, let (bytes, count) = HalfSurrogates.replaced(in: body) else {
                throw error
            }
            halves = count
            return try JSONValue.parse(bytes)
        }
    }

    func value(_ key: String) -> JSONValue? {
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }

    /// The one of several spellings that is there.
    /// - Throws: If two are there with different values.
    func value(anyOf keys: [String]) throws(ServiceError) -> (key: String, value: JSONValue)? {
        let found = keys.compactMap { key in value(key).map { (key: key, value: $0) } }
        guard let first = found.first else { return nil }
        if let other = found.first(where: { $0.value != first.value }) { throw .both(first.key, other.key) }
        return first
    }

    /// With the members of `parameters` beside its own: Hugging Face's clients send some there.
    /// - Throws: If a member is in both places with different values.
    func withParameters() throws(ServiceError) -> RequestFields {
        guard let more = try object("parameters") else { return self }
        for member in more.object.members {
            guard let own = value(member.key), let other = more.value(member.key), own != other else {
                continue
            }
            throw .both(member.key, "parameters.\(member.key)")
        }
        let own = object.members.filter { $0.key != "parameters" && value($0.key) != nil }
        return RequestFields(JSONObject(own + more.object.members.filter { value($0.key) == nil }))
    }

    func string(_ key: String) throws(ServiceError) -> String? {
        guard let value = value(key) else { return nil }
        guard let string = value.string else {
            throw .invalid(key, "\(key): expected a string, found \(value.kind)")
        }
        return string
    }

    func requiredString(_ key: String) throws(ServiceError) -> String {
        guard let string = try string(key) else {
            throw .invalid(key, "\(key): expected a string, found nothing")
        }
        return string
    }

    func bool(_ key: String) throws(ServiceError) -> Bool? {
        guard let value = value(key) else { return nil }
        guard let bool = value.bool else {
            throw .invalid(key, "\(key): expected true or false, found \(value.kind)")
        }
        return bool
    }

    func integer(_ key: String, in range: ClosedRange<Int>) throws(ServiceError) -> Int? {
        guard let value = value(key) else { return nil }
        guard let integer = value.int else {
            let found =
                switch value.double {
                case nil: value.kind
                case let number? where number == number.rounded(): "\(number), which is out of range"
                default: "a fraction"
                }
            throw .invalid(key, "\(key): expected a whole number, found \(found)")
        }
        guard range.contains(integer) else {
            let expected =
                range.upperBound == .max
                ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
            throw .invalid(key, "\(key) is \(integer), expected \(expected)")
        }
        return integer
    }

    func object(_ key: String) throws(ServiceError) -> RequestFields? {
        guard let value = value(key) else { return nil }
        guard let object = value.object else {
            throw .invalid(key, "\(key): expected an object, found \(value.kind)")
        }
        return RequestFields(object)
    }

    /// One of a few words, compared without case.
    func choice(_ key: String, _ choices: [String]) throws(ServiceError) -> String? {
        guard let string = try string(key) else { return nil }
        let lower = string.lowercased()
        guard choices.contains(lower) else {
            throw .invalid(
                key, "\(key) is \(string.quotedForMessage), expected \(choices.joined(separator: " or "))")
        }
        return lower
    }
}

extension ServiceError {
    /// Two members say different things of one matter.
    static func both(_ first: String, _ second: String) -> ServiceError {
        .invalid(second, "\(first) and \(second) contradict each other; send one of them")
    }
}

#endif
