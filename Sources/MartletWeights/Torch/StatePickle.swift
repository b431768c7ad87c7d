internal import MartletJSON

/// Reads the pickle of one `state_dict`: names, and tensors as places in storages. Nothing is ever run: the
/// few names that such a file uses have a meaning of their own here, and any other name or instruction is an
/// error.
struct StatePickle {
    /// A tensor as a part of a storage.
    struct Tensor {
        let storage: Storage
        /// What the elements are, as torch calls it: "float32".
        let type: String
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

    /// What a name stands for.
    enum Entry {
        case tensor(Tensor)
        /// A tensor that is more than a part of a storage, and what kind it is, for messages.
        case other(kind: String)
    }

    /// What is on the stack. A tuple in a tuple is only known to be one, so that no file can build what is
    /// costly to let go.
    private enum Value {
        case mark, other
        case int(Int)
        case string(String)
        case ints([Int])
        case tuple([Value])
        case global(String)
        case storage(Storage)
        case entry(Entry)
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
    private var dictionaries: [Members] = []

    private struct Members {
        var entries: [(name: String, entry: Entry)] = []
        /// A member that is a dictionary of tensors itself.
        var inner: String?
        var isEmpty = true
    }

    /// The tensors of the dictionary, in its order.
    static func tensors(_ bytes: UnsafeRawBufferPointer, file: String) throws(WeightError) -> [(
        name: String, entry: Entry
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
        let found = pickle.dictionaries[index]
        if let inner = found.inner {
            throw WeightError(
                .unsupported,
                "\(file): the tensors are in the member \(inner.quotedForMessage) of the file's dictionary; save that member by itself",
                file: file)
        }
        return found.entries
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
        case UInt8(ascii: "G"):  // BINFLOAT
            _ = try next(Int64.self)
            stack.append(.other)
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
        let name = unfinishedName
        let place = name.map { " for \($0.quotedForMessage)" } ?? ""
        return WeightError(
            .unsupported,
            "\(file): data.pkl uses \(what)\(place), which a dictionary of tensors does not need and which may be code; save the weights as safetensors",
            file: file, tensor: name)
    }

    /// The name in the file's dictionary whose value is being made.
    private var unfinishedName: String? {
        guard let start = stack.firstIndex(where: { if case .dictionary = $0 { true } else { false } }) else {
            return nil
        }
        var items = stack[(start + 1)...]
        if case .mark? = items.first { items = items.dropFirst() }
        while case .string(let name)? = items.first {
            items = items.dropFirst()
            // What makes a value begins with the name of a function.
            switch items.first {
            case nil, .global?, .mark?: return name
            default: items = items.dropFirst()
            }
        }
        return nil
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
        dictionaries.append(Members())
    }

    private mutating func makeTuple(_ values: [Value]) throws(WeightError) {
        let ints = values.compactMap { if case .int(let number) = $0 { number } else { nil } }
        guard ints.count < values.count else { return stack.append(.ints(ints)) }
        var values = values
        // (function, class, arguments, attributes): the tensor that the function makes.
        if values.count == 4, case .global(let name) = values[0], case .tuple(let parts) = values[2],
            let isTyped = Self.makers[name]
        {
            values[2] = .entry(try tensor(parts, isTyped: isTyped))
        }
        for (place, value) in values.enumerated() {
            if case .tuple(let inner) = value, !inner.isEmpty { values[place] = .other }
        }
        stack.append(.tuple(values))
    }

    /// Functions that make a tensor of a storage, and whether they are told its type.
    private static let makers = [
        "torch._utils._rebuild_tensor_v2": false, "torch._utils._rebuild_tensor_v3": true,
    ]

    private mutating func setItems(_ items: [Value]) throws(WeightError) {
        guard items.count % 2 == 0, case .dictionary(let index) = try top() else { throw damaged }
        if !items.isEmpty { dictionaries[index].isEmpty = false }
        for place in stride(from: 0, to: items.count, by: 2) {
            guard case .string(let name) = items[place] else { continue }
            switch items[place + 1] {
            case .entry(let entry): dictionaries[index].entries.append((name, entry))
            case .dictionary(let inner) where !dictionaries[inner].entries.isEmpty:
                dictionaries[index].inner = name
            default: break
            }
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
        guard case .tuple(let parts) = arguments else {
            throw unsupported("the name \(name.quotedForMessage)")
        }
        switch name {
        case "collections.OrderedDict" where parts.isEmpty: makeDictionary()
        case "torch.Size": stack.append(.other)
        case "torch.serialization._get_layout":
            guard case .string(let layout)? = parts.first else { throw damaged }
            stack.append(.global(layout))
        case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state":
            guard case .entry(let entry)? = parts.first else { throw damaged }
            stack.append(.entry(entry))
        default:
            if let isTyped = Self.makers[name] {
                stack.append(.entry(try tensor(parts, isTyped: isTyped)))
            } else if let entry = Self.special(name, parts) {
                stack.append(.entry(entry))
            } else {
                throw unsupported("the name \(name.quotedForMessage)")
            }
        }
    }

    /// (storage, offset, shape, strides, requires_grad, hooks, [type,] [metadata])
    private func tensor(_ parts: [Value], isTyped: Bool) throws(WeightError) -> Entry {
        guard parts.count >= (isTyped ? 7 : 4), case .storage(let storage) = parts[0],
            case .int(let offset) = parts[1],
            let shape = Self.numbers(parts[2]), let strides = Self.numbers(parts[3]),
            shape.count == strides.count
        else { throw damaged }
        guard shape.count <= Self.mostDimensions else {
            throw .malformed(
                file,
                "data.pkl has a tensor of \(shape.count) dimensions; at most \(Self.mostDimensions) are expected"
            )
        }
        var type = Self.types[storage.type] ?? storage.type
        if isTyped {
            guard case .global(let name) = parts[6] else { throw damaged }
            type = Self.withoutModule(name)
        }
        // That the numbers are negated or conjugated when they are read.
        if parts.count > (isTyped ? 7 : 6), case .dictionary(let index) = parts[isTyped ? 7 : 6],
            !dictionaries[index].isEmpty
        {
            return .other(kind: "a view with changed signs of \(type)")
        }
        return .tensor(
            Tensor(storage: storage, type: type, offset: offset, shape: shape, strides: strides))
    }

    /// What other functions of torch's make; nil: it is none of them.
    private static func special(_ function: String, _ parts: [Value]) -> Entry? {
        func global(_ place: Int) -> String? {
            guard parts.indices.contains(place), case .global(let name) = parts[place] else { return nil }
            return name
        }
        switch function {
        case "torch._tensor._rebuild_from_type_v2":
            let type = global(1)
            if parts.count == 4, case .entry(let entry) = parts[2],
                type == "torch.Tensor" || type == "torch.nn.parameter.Parameter"
            {
                return entry
            }
            return .other(kind: "the class \(type ?? "of its own")")
        case "torch._utils._rebuild_wrapper_subclass":
            return .other(kind: "the class \(global(0) ?? "of its own")")
        case "torch._utils._rebuild_qtensor":
            guard case .storage(let storage)? = parts.first else { return .other(kind: "a quantised tensor") }
            return .other(kind: types[storage.type] ?? storage.type)
        case "torch._utils._rebuild_sparse_tensor":
            return .other(kind: global(0).map { withoutModule($0) } ?? "a sparse tensor")
        case "torch._utils._rebuild_nested_tensor": return .other(kind: "a nested tensor")
        case "torch._utils._rebuild_meta_tensor_no_storage":
            return .other(kind: "a meta tensor, which has no numbers")
        default: return nil
        }
    }

    private static func withoutModule(_ name: String) -> String {
        name.utf8.lastIndex(of: UInt8(ascii: ".")).map { String(name[name.index(after: $0)...]) } ?? name
    }

    /// The types of storages by their classes; newer types have no class of their own.
    private static let types = [
        "FloatStorage": "float32", "HalfStorage": "float16", "BFloat16Storage": "bfloat16",
        "DoubleStorage": "float64", "ComplexFloatStorage": "complex64",
        "ComplexDoubleStorage": "complex128", "BoolStorage": "bool", "ByteStorage": "uint8",
        "CharStorage": "int8", "ShortStorage": "int16", "IntStorage": "int32", "LongStorage": "int64",
        "QInt8Storage": "qint8", "QUInt8Storage": "quint8", "QInt32Storage": "qint32",
        "QUInt4x2Storage": "quint4x2", "QUInt2x4Storage": "quint2x4",
    ]

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
