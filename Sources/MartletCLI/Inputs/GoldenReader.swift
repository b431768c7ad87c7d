#if Command

import Martlet
import MartletData
import MartletJSON

/// A text with the vector that it should have.
struct Golden: Sendable {
    let text: String
    let expected: [Float]
    let role: TextRole?
    let options: EmbedOptions
    let place: String
}

/// Lines of `{"text": …, "embedding": […], "options": {…}}`.
struct GoldenReader {
    private var splitter: RecordSplitter

    init(_ source: ByteSource) { splitter = RecordSplitter(source, framing: .lines) }

    /// The next line that is not blank, nil at the end.
    mutating func next() throws -> Golden? {
        while case .record(let range, let line) = try splitter.next(waiting: true) {
            let place = "\(splitter.source.name):\(line)"
            let golden = try splitter.withBytes(range) {
                (bytes: UnsafeBufferPointer<UInt8>) throws -> Golden? in
                if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { return nil }
                return try Self.golden(bytes, place)
            }
            if let golden { return golden }
        }
        return nil
    }

    private static func golden(_ bytes: UnsafeBufferPointer<UInt8>, _ place: String) throws(CommandError)
        -> Golden
    {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue.parse(UnsafeRawBufferPointer(bytes))
        } catch {
            throw CommandError("\(place): not JSON at column \(error.column): \(error.reason)")
        }
        guard let text = value["text"]?.string, let numbers = value["embedding"]?.array, !numbers.isEmpty
        else {
            throw CommandError(
                "\(place): expected an object with \"text\", a string, and \"embedding\", an array of numbers"
            )
        }
        var expected: [Float] = []
        expected.reserveCapacity(numbers.count)
        for (index, number) in numbers.enumerated() {
            guard let number = number.double else {
                throw CommandError("\(place): embedding[\(index)] is \(number.kind), expected a number")
            }
            expected.append(Float(number))
        }
        let (role, options) = try options(value["options"], place)
        return Golden(text: text, expected: expected, role: role, options: options, place: place)
    }

    private static func options(_ value: JSONValue?, _ place: String) throws(CommandError) -> (
        TextRole?, EmbedOptions
    ) {
        var (role, options): (TextRole?, EmbedOptions) = (nil, EmbedOptions())
        guard let value, !value.isNull else { return (role, options) }
        guard let object = value.object else {
            throw CommandError("\(place): \"options\" is \(value.kind), expected an object")
        }
        for member in object.members {
            let value = member.value
            switch member.key {
            case "role": role = TextOptions.role(try checked(value.string, "role", place))
            case "prompt": options.prompt = try checked(value.string, "prompt", place)
            case "pooling":
                options.pooling = try checked(value.string.flatMap(Pooling.init), "pooling", place)
            case "dimensions": options.dimensions = try checked(value.int, "dimensions", place)
            case "normalize": options.normalize = try checked(value.bool, "normalize", place)
            case "truncation":
                options.truncation = try checked(
                    value.string.flatMap(TruncationPolicy.init), "truncation", place)
            default:
                throw CommandError(
                    "\(place): unknown option \"\(member.key)\"; known: role, prompt, pooling, dimensions, normalize, truncation"
                )
            }
        }
        return (role, options)
    }

    private static func checked<T>(_ value: T?, _ name: String, _ place: String) throws(CommandError) -> T {
        guard let value else {
            throw CommandError("\(place): option \"\(name)\" has a value that it cannot take")
        }
        return value
    }
}

#endif
