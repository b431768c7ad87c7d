internal import MartletJSON

/// Reads the pickle of one `state_dict`: names, and tensors as places in storages. Nothing is ever run: the
/// few names that such a file uses have a meaning of their own here, and any other name or instruction is an
/// error.
struct StatePickle {
    /// A tensor as a part of a storage.
    struct Tensor {
        let storage: Storage
        let offset: Int
        let shape: [Int]
        let strides: [Int]
    }

    struct Storage {
        /// As torch calls it, such as "FloatStorage".
        let type: String
        let key: String
        let count: Int
    }

    /// What stands on the stack. Nothing nests deeper than a tuple in a tuple, so that no file can build what
    /// is costly to let go.
    private enum Value {
        case mark, other
        case int(Int)
        case string(String)
        case ints([Int])
        case tuple([Value])
        case global(String)
        case storage(Storage)
        case tensor(Tensor)
        /// An index of `dictionaries`.
        case dictionary(Int)
    }

    /// A tensor has no more dimensions in PyTorch. What is longer costs time with each of the tensors that
    /// may share it.
    private static let mostDimensions = 64
    /// Storages have numbers for keys.
    private static let longestKey = 64

    private let file: String
    private var stack: [Value] = []
    private var memo: [Int: Value] = [:]
    private var dictionaries: [[(name: String, tensor: Tensor)]] = []

    /// The tensors of the dictionary, in its order.
    static func tensors(_ bytes: UnsafeRawBufferPointer, file: String) throws(WeightError) -> [(
        name: String, tensor: Tensor
    )] {
        guard bytes.count <= 1 << 20 else {
            throw .malformed(file, "data.pkl has \(bytes.count) bytes, more than names need")
        }
        var pickle = StatePickle(file: file)
        var cursor = ByteCursor(bytes)
        while try pickle.step(&cursor) {}
        guard case .dictionary(let index)? = pickle.stack.last else {
            throw WeightError(.unsupported, "\(file): data.pkl holds no dictionary of tensors", file: file)
        }
        return pickle.dictionaries[index]
    }

    private init(file: String) { self.file = file }

    private var damaged: WeightError { .malformed(file, "data.pkl is cut off or damaged") }

    /// One instruction; false at the end.
    private mutating func step(_ cursor: inout ByteCursor) throws(WeightError) -> Bool {
        guard let code = cursor.read(UInt8.self) else { throw damaged }
        func next<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) throws(WeightError) -> Int {
            guard let value = cursor.read(type), let number = Int(exactly: value) else { throw damaged }
            return number
        }
        switch code {
        case 0x80: _ = try next(UInt8.self)  // PROTO
        case UInt8(ascii: "."): return false
        case UInt8(ascii: "("): stack.append(.mark)
        case UInt8(ascii: "}"): makeDictionary()
        case UInt8(ascii: ")"): stack.append(.tuple([]))
        case UInt8(ascii: "N"), 0x88, 0x89: stack.append(.other)  // None, True, False
        case UInt8(ascii: "K"): stack.append(.int(try next(UInt8.self)))
        case UInt8(ascii: "M"): stack.append(.int(try next(UInt16.self)))
        case UInt8(ascii: "J"): stack.append(.int(try next(Int32.self)))
        case 0x8a: stack.append(.int(try long(&cursor)))
        case UInt8(ascii: "X"):
            guard let bytes = cursor.readBytes(try next(UInt32.self)) else { throw damaged }
            stack.append(.string(String(decoding: bytes, as: UTF8.self)))
        case UInt8(ascii: "c"): stack.append(.global(try line(&cursor) + "." + line(&cursor)))
        case UInt8(ascii: "q"): memo[try next(UInt8.self)] = try top()
        case UInt8(ascii: "r"): memo[try next(UInt32.self)] = try top()
        case UInt8(ascii: "h"): try recall(next(UInt8.self))
        case UInt8(ascii: "j"): try recall(next(UInt32.self))
        case 0x85, 0x86, 0x87:
            let count = Int(code - 0x84)
            guard stack.count >= count else { throw damaged }
            let values = Array(stack.suffix(count))
            stack.removeLast(count)
            try makeTuple(values)
        case UInt8(ascii: "t"): try makeTuple(toMark())
        case UInt8(ascii: "Q"): try makeStorage()
        case UInt8(ascii: "R"): try reduce()
        case UInt8(ascii: "s"):
            guard stack.count >= 3 else { throw damaged }
            let pair = Array(stack.suffix(2))
            stack.removeLast(2)
            try setItems(pair)
        case UInt8(ascii: "u"): try setItems(toMark())
        case UInt8(ascii: "b"): _ = try pop()  // BUILD: attributes of the dictionary, which hold no weights
        default: throw unsupported("the instruction \(code)")
        }
        return true
    }

    private func unsupported(_ what: String) -> WeightError {
        WeightError(
            .unsupported,
            "\(file): data.pkl uses \(what), which a dictionary of tensors does not need and which may be code; save the weights as safetensors",
            file: file)
    }

    private func top() throws(WeightError) -> Value {
        guard let value = stack.last else { throw damaged }
        return value
    }

    private mutating func pop() throws(WeightError) -> Value {
        guard let value = stack.popLast() else { throw damaged }
        return value
    }

    private mutating func recall(_ index: Int) throws(WeightError) {
        guard let value = memo[index] else { throw damaged }
        stack.append(value)
    }

    private mutating func toMark() throws(WeightError) -> [Value] {
        guard let mark = stack.lastIndex(where: { if case .mark = $0 { true } else { false } }) else {
            throw damaged
        }
        let values = Array(stack[(mark + 1)...])
        stack.removeSubrange(mark...)
        return values
    }

    private mutating func makeDictionary() {
        stack.append(.dictionary(dictionaries.count))
        dictionaries.append([])
    }

    private mutating func makeTuple(_ values: [Value]) throws(WeightError) {
        let ints = values.compactMap { if case .int(let number) = $0 { number } else { nil } }
        guard ints.count < values.count else { return stack.append(.ints(ints)) }
        for case .tuple(let inner) in values where !inner.isEmpty { throw unsupported("tuples in tuples") }
        stack.append(.tuple(values))
    }

    private mutating func setItems(_ items: [Value]) throws(WeightError) {
        guard items.count % 2 == 0, case .dictionary(let index) = try top() else { throw damaged }
        for place in stride(from: 0, to: items.count, by: 2) {
            guard case .string(let name) = items[place], case .tensor(let tensor) = items[place + 1] else {
                continue
            }
            dictionaries[index].append((name, tensor))
        }
    }

    /// ('storage', type, key, place, elements)
    private mutating func makeStorage() throws(WeightError) {
        guard case .tuple(let parts) = try pop(), parts.count == 5, case .string("storage") = parts[0],
            case .global(let type) = parts[1],
            case .string(let key) = parts[2], key.utf8.count <= Self.longestKey,
            case .int(let count) = parts[4], count >= 0,
            type.hasPrefix("torch.")
        else { throw unsupported("an object outside the file that is no storage of torch's") }
        stack.append(.storage(Storage(type: String(type.dropFirst(6)), key: key, count: count)))
    }

    private mutating func reduce() throws(WeightError) {
        let arguments = try pop()
        guard case .global(let name) = try pop() else { throw damaged }
        switch (name, arguments) {
        case ("collections.OrderedDict", .tuple(let parts)) where parts.isEmpty: makeDictionary()
        case ("torch._utils._rebuild_tensor_v2", .tuple(let parts)):
            guard parts.count >= 4, case .storage(let storage) = parts[0], case .int(let offset) = parts[1],
                let shape = Self.numbers(parts[2]), let strides = Self.numbers(parts[3]),
                shape.count == strides.count
            else { throw damaged }
            guard shape.count <= Self.mostDimensions else {
                throw .malformed(
                    file,
                    "data.pkl has a tensor of \(shape.count) dimensions; at most \(Self.mostDimensions) are expected"
                )
            }
            stack.append(.tensor(Tensor(storage: storage, offset: offset, shape: shape, strides: strides)))
        case ("torch._utils._rebuild_parameter", .tuple(let parts)):
            guard case .tensor(let tensor)? = parts.first else { throw damaged }
            stack.append(.tensor(tensor))
        default: throw unsupported("the name \(name.quotedForMessage)")
        }
    }

    private static func numbers(_ value: Value) -> [Int]? {
        switch value {
        case .ints(let numbers): numbers
        case .tuple(let parts) where parts.isEmpty: []
        default: nil
        }
    }

    private mutating func long(_ cursor: inout ByteCursor) throws(WeightError) -> Int {
        guard let count = cursor.read(UInt8.self), count <= 8, let bytes = cursor.readBytes(Int(count)) else {
            throw damaged
        }
        var value: UInt64 = bytes.last.map { $0 >= 128 ? .max : 0 } ?? 0
        for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
        return Int(Int64(bitPattern: value))
    }

    private func line(_ cursor: inout ByteCursor) throws(WeightError) -> String {
        var bytes: [UInt8] = []
        while let byte = cursor.read(UInt8.self), bytes.count < 256 {
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        throw damaged
    }
}
