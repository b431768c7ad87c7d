#if Server

internal import MartletJSON

/// A text as a client gives it.
enum TextInput: Sendable, Equatable {
    case text(String)
    /// Token ids of the model's own vocabulary.
    case ids([Int32])
    /// Both, one after the other, as one text: llama.cpp's form.
    case mixed([TextInput])

    /// About the bytes of the text.
    var bytes: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .ids(let ids): ids.count * 4
        case .mixed(let parts): parts.reduce(0) { $0 + $1.bytes }
        }
    }
}

/// The texts of a request: one string, a list of them, one list of token ids, a list of such lists, or a
/// mixture.
struct TextInputs: Sendable, Equatable {
    var texts: [TextInput]
    /// Whether the client gave one text rather than a list.
    var isSingle: Bool

    /// - Parameters:
    ///   - parameter: The member's name, for messages.
    ///   - limit: The most texts of a request.
    init(_ value: JSONValue, parameter: String, limit: Int, takesIDs: Bool = true) throws(ServiceError) {
        switch value {
        case .string(let text):
            texts = [.text(text)]
            isSingle = true
        case .array(let elements):
            if takesIDs, let first = elements.first, first.double != nil {
                texts = [try Self.prompt(elements, parameter, place: "")]
                isSingle = true
                return
            }
            guard elements.count <= limit else {
                throw ServiceError(
                    .batchTooLarge,
                    "\(parameter) has \(elements.count) texts, the server takes at most \(limit) in a request",
                    parameter: parameter)
            }
            var texts: [TextInput] = []
            texts.reserveCapacity(elements.count)
            for (index, element) in elements.enumerated() {
                switch element {
                case .string(let text): texts.append(.text(text))
                case .object(let object) where takesIDs && Self.text(of: object) != nil:
                    texts.append(.text(Self.text(of: object) ?? ""))
                case .array(let ids) where takesIDs:
                    texts.append(try Self.prompt(ids, parameter, place: "[\(index)]", index: index))
                default:
                    let expected = takesIDs ? "a string or a list of token ids" : "a string"
                    throw .invalid(
                        parameter, "\(parameter)[\(index)]: expected \(expected), found \(element.kind)",
                        index: index)
                }
            }
            self.texts = texts
            isSingle = false
        case .object(let object) where takesIDs && Self.text(of: object) != nil:
            texts = [.text(Self.text(of: object) ?? "")]
            isSingle = true
        default:
            throw .invalid(parameter, "\(parameter): expected a string or a list, found \(value.kind)")
        }
    }

    /// The text of an object: Jina's `text`, or llama.cpp's `prompt_string` and `content`. Nil also where an
    /// image or a sound comes with it.
    private static func text(of object: JSONObject) -> String? {
        guard !object.hasOtherContent else { return nil }
        return ["text", "prompt_string", "content"].lazy.compactMap { object[$0]?.string }.first
    }

    /// Token ids, or ids and texts in turn.
    private static func prompt(_ elements: [JSONValue], _ parameter: String, place: String, index: Int? = nil)
        throws(ServiceError)
        -> TextInput
    {
        // TEI calls the member `inputs`, and refuses a mixture.
        guard parameter != "inputs", elements.first?.double != nil,
            elements.contains(where: { $0.string != nil })
        else {
            return .ids(try ids(elements, parameter, place: place, index: index))
        }
        var parts: [TextInput] = []
        var numbers: [JSONValue] = []
        for element in elements {
            guard let text = element.string else {
                numbers.append(element)
                continue
            }
            if !numbers.isEmpty {
                parts.append(.ids(try ids(numbers, parameter, place: place, index: index)))
            }
            numbers = []
            parts.append(.text(text))
        }
        if !numbers.isEmpty { parts.append(.ids(try ids(numbers, parameter, place: place, index: index))) }
        return .mixed(parts)
    }

    /// A list of plain strings; objects with a member `text` count where `takesObjects`.
    static func strings(_ value: JSONValue, parameter: String, limit: Int, takesObjects: Bool = false)
        throws(ServiceError) -> [String]
    {
        guard let elements = value.array else {
            throw .invalid(parameter, "\(parameter): expected a list, found \(value.kind)")
        }
        guard elements.count <= limit else {
            throw ServiceError(
                .batchTooLarge,
                "\(parameter) has \(elements.count) texts, the server takes at most \(limit) in a request",
                parameter: parameter)
        }
        var strings: [String] = []
        strings.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            if let string = element.string {
                strings.append(string)
            } else if takesObjects, let string = element["text"]?.string,
                element.object?.hasOtherContent == false
            {
                strings.append(string)
            } else {
                let expected = takesObjects ? "a string or an object with \"text\"" : "a string"
                throw .invalid(
                    parameter, "\(parameter)[\(index)]: expected \(expected), found \(element.kind)",
                    index: index)
            }
        }
        return strings
    }

    static func ids(_ elements: [JSONValue], _ parameter: String, place: String, index: Int? = nil)
        throws(ServiceError) -> [Int32]
    {
        var ids: [Int32] = []
        ids.reserveCapacity(elements.count)
        for (position, element) in elements.enumerated() {
            guard let id = element.int.flatMap({ Int32(exactly: $0) }), id >= 0 else {
                throw .invalid(
                    parameter,
                    "\(parameter)\(place)[\(position)]: expected a token id, found \(describe(element))",
                    index: index)
            }
            ids.append(id)
        }
        guard !ids.isEmpty else {
            throw .invalid(
                parameter, "\(parameter)\(place): expected token ids, found an empty list", index: index)
        }
        return ids
    }

    private static func describe(_ value: JSONValue) -> String {
        switch value {
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        default: value.kind
        }
    }
}

extension JSONObject {
    /// Whether it holds an image, a sound or the like.
    fileprivate var hasOtherContent: Bool {
        ResultMembers.otherContent.contains { name in
            guard let value = self[name], !value.isNull else { return false }
            return value.array?.isEmpty != true
        }
    }
}

#endif
