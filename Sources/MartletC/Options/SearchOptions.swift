import MartletIndex
import MartletJSON

extension SearchRequest {
    /// The options of a search; the questions are still to be set.
    init(_ json: UnsafePointer<CChar>?) throws {
        self.init(questions: [])
        var reader = try OptionReader(json)
        count = try reader.integer("count") ?? count
        mode = try reader.choice("mode") ?? mode
        fusion = try reader.choice("fusion") ?? fusion
        filter = try reader.string("filter").map { try Filter($0) }
        isExact = try reader.flag("exact") ?? isExact
        candidates = try reader.integer("candidates")
        group = try reader.string("group")
        diversity = try reader.number("diversity") ?? diversity
        try reader.finish()
    }
}

/// The options of query-through.
struct QueryOptions {
    let threshold: Float
    let id: String?
    let fields: [String: FieldValue]
    let count: Int

    init(_ json: UnsafePointer<CChar>?) throws(CallError) {
        var reader = try OptionReader(json)
        let threshold = try reader.number("threshold")
        id = try reader.string("id")
        fields =
            try reader.value("fields").map { value throws(CallError) in
                try RecordFields.read(value, "the fields")
            } ?? [:]
        count = try reader.integer("count") ?? 10
        try reader.finish()
        guard let threshold else {
            throw .option(
                "query-through needs the option threshold: the least similarity of a hit, such as 0.8")
        }
        self.threshold = threshold
    }
}

/// Fields of records as JSON.
enum RecordFields {
    static func read(_ value: JSONValue, _ place: String) throws(CallError) -> [String: FieldValue] {
        guard let object = value.object else {
            throw .option("\(place) are \(value.kind); expected an object")
        }
        var fields: [String: FieldValue] = [:]
        for member in object.members where !member.value.isNull {
            guard let field = FieldValue(member.value) else {
                throw CallError(
                    .invalidInput, "invalid_record",
                    "\(place): \(member.key.quotedForMessage) is \(member.value.kind); "
                        + "fields are strings, numbers, booleans and arrays of strings")
            }
            fields[member.key] = field
        }
        return fields
    }

    /// The fields of each record of a call.
    /// - Parameter json: NULL: none has any.
    static func read(_ json: UnsafePointer<CChar>?, count: Int) throws(CallError) -> [[String: FieldValue]] {
        guard let text = try CText.read(json, "fields") else { return Array(repeating: [:], count: count) }
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue.parse(utf8: text) } catch {
            throw .argument("fields are not JSON: \(error.message)")
        }
        guard let records = value.array else {
            throw .argument("fields are \(value.kind); expected an array")
        }
        guard records.count == count else {
            throw .argument("fields of \(records.count) records for \(count) texts; expected one for each")
        }
        var all: [[String: FieldValue]] = []
        for (index, record) in records.enumerated() {
            do throws(CallError) {
                all.append(record.isNull ? [:] : try read(record, "record \(index): fields"))
            } catch {
                throw CallError(error.status, error.code, error.message, index: index)
            }
        }
        return all
    }
}
