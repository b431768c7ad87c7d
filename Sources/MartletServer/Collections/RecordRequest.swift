#if Server

internal import MartletIndex
internal import MartletJSON

/// A record as a client sends it: a text with an id and fields, and a vector if the client has one.
struct RecordRequest: Sendable {
    let id: String
    let text: String
    let vector: [Float]?
    let fields: [String: FieldValue]

    /// The members of a list of records, each with the place in it for messages.
    static func all(_ fields: RequestFields, limit: Int, schema: FieldSchema) throws(ServiceError)
        -> [RecordRequest]
    {
        guard let value = fields.value("records") else {
            throw .invalid("records", "records: expected a list of {\"id\": …, \"text\": …}, found nothing")
        }
        guard let elements = value.array else {
            throw .invalid("records", "records: expected a list, found \(value.kind)")
        }
        guard elements.count <= limit else {
            throw ServiceError(
                .batchTooLarge,
                "records has \(elements.count) elements, the server takes at most \(limit) in a request",
                parameter: "records")
        }
        guard !elements.isEmpty else {
            throw ServiceError(
                .empty, "records: expected at least one record, found an empty list", parameter: "records")
        }
        var records: [RecordRequest] = []
        records.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard let object = element.object else {
                throw .invalid(
                    "records", "records[\(index)]: expected an object, found \(element.kind)", index: index)
            }
            do throws(ServiceError) {
                records.append(try RecordRequest(object, schema, "records[\(index)]"))
            } catch {
                throw ServiceError(error.kind, error.message, parameter: "records", inputIndex: index)
            }
        }
        return records
    }

    private init(_ object: JSONObject, _ schema: FieldSchema, _ place: String) throws(ServiceError) {
        switch object["id"] {
        case .string(let text)?: id = text
        case .integer(let number)?: id = String(number)
        case let other:
            throw .invalid("records", "\(place).id: expected a string, found \(other?.kind ?? "nothing")")
        }
        guard let text = object["text"]?.string else {
            throw .invalid(
                "records", "\(place).text: expected a string, found \(object["text"]?.kind ?? "nothing")")
        }
        self.text = text
        if let value = object["vector"], !value.isNull {
            vector = try Self.vector(value, "\(place).vector", "records")
        } else {
            vector = nil
        }
        for member in object.members where !["id", "text", "vector", "fields"].contains(member.key) {
            throw .invalid(
                "records", "\(place) has a member \(member.key.quotedForMessage); put it into \"fields\"")
        }
        switch object["fields"] {
        case nil, .null?: fields = [:]
        case .object(let members)?:
            fields = try RecordJSON.fields(members, schema: schema, "\(place).fields", "records")
        case let other?: throw .invalid("records", "\(place).fields: expected an object, found \(other.kind)")
        }
    }

    static func vector(_ value: JSONValue, _ place: String, _ parameter: String) throws(ServiceError)
        -> [Float]
    {
        guard let elements = value.array else {
            throw .invalid(parameter, "\(place): expected a list of numbers, found \(value.kind)")
        }
        var vector: [Float] = []
        vector.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard let number = element.double else {
                throw .invalid(parameter, "\(place)[\(index)]: expected a number, found \(element.kind)")
            }
            vector.append(Float(number))
        }
        return vector
    }
}

#endif
