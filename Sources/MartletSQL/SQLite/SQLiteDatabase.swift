import MartletData

/// An open database of SQLite. Not Sendable: one reader or one writer owns it.
final class SQLiteDatabase {
    enum Access { case reading, writing }

    let path: String
    let library: SQLiteLibrary
    private(set) var handle: SQLiteLibrary.Handle?

    private static let (readOnly, readWrite, create): (Int32, Int32, Int32) = (1, 2, 4)
    static let (row, done): (Int32, Int32) = (100, 101)

    init(_ path: String, for access: Access) throws(DataError) {
        self.path = path
        library = try .load()
        let flags = access == .reading ? Self.readOnly : Self.readWrite | Self.create
        let code = library.open(path, &handle, flags, nil)
        guard code == 0 else { throw error("cannot be opened") }
        _ = library.busyTimeout(handle, 30_000)
    }

    deinit { _ = library.close(handle) }

    /// The database's own message.
    func error(_ what: String) -> DataError {
        let message = library.message(handle).map { String(cString: $0) } ?? "unknown error"
        return DataError(.io, at: path, "\(what): \(message)")
    }

    /// Rows that the last statement has added, changed or removed.
    var changes: Int { Int(library.changes(handle)) }

    func execute(_ sql: String) throws(DataError) {
        let statement = try SQLiteStatement(self, sql)
        while try statement.step() {}
    }

    func loadExtension(_ file: String) throws(DataError) {
        guard let enable = library.enableExtensions, let load = library.loadExtension else {
            throw DataError(.unsupported, at: path, "this libsqlite3 loads no extensions, and \(file) is one")
        }
        guard enable(handle, 1) == 0 else { throw error("cannot load \(file)") }
        // The message is given here alone: the database's own stays "not an error".
        var message: UnsafeMutablePointer<CChar>?
        guard load(handle, file, nil, &message) == 0 else {
            let reason = message.map { String(cString: $0) } ?? "unknown error"
            library.free(message)
            throw DataError(
                .io, at: path, "cannot load \(file): \(reason)",
                remedies: [.advice("check the path of the extension")])
        }
        _ = enable(handle, 0)
    }

    /// As an identifier in SQL.
    static func quoted(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

/// A compiled statement.
final class SQLiteStatement {
    enum Value: Equatable {
        case null
        case integer(Int64)
        case double(Double)
        case text(String)
        case blob
    }

    private let database: SQLiteDatabase
    private var handle: SQLiteLibrary.Handle?
    /// SQLite copies what is bound.
    private static var transient: UnsafeRawPointer? { UnsafeRawPointer(bitPattern: -1) }

    init(_ database: SQLiteDatabase, _ sql: String) throws(DataError) {
        self.database = database
        var tail: SQLiteLibrary.Text?
        let (code, rest): (Int32, String) = sql.withCString { text in
            let code = database.library.prepare(database.handle, text, -1, &handle, &tail)
            return (code, tail.map { String(cString: $0) } ?? "")
        }
        guard code == 0 else { throw database.error("cannot run the query") }
        guard handle != nil else { throw DataError(.malformed, at: database.path, "the query is empty") }
        guard rest.allSatisfy({ $0.isWhitespace || $0 == ";" }) else {
            throw DataError(
                .malformed, at: database.path, "the query has more than one statement",
                remedies: [.advice("give one")])
        }
    }

    deinit { _ = database.library.finalize(handle) }

    var isReadOnly: Bool { database.library.isReadOnly(handle) != 0 }
    var columns: [String] {
        (0..<database.library.columnCount(handle)).map {
            database.library.columnName(handle, $0).map { String(cString: $0) } ?? ""
        }
    }

    /// Binds a value to the parameter at `position`, from 1.
    func bind(_ value: RecordID, index: Int, at position: Int32) throws(DataError) {
        switch value {
        case .none: try bind(Int64(index), at: position)
        case .literal(let text):
            if let number = Int64(text) {
                try bind(number, at: position)
            } else {
                try bind(text, at: position)
            }
        case .text(let text): try bind(text, at: position)
        }
    }

    /// The number of the last parameter.
    var parameterCount: Int { Int(database.library.parameterCount(handle)) }

    /// Binds the parameters from the first on. What reads as an integer is bound as one: SQLite compares it
    /// with a column of text as text.
    func bind(_ values: [String]) throws(DataError) {
        for (index, value) in values.enumerated() {
            let position = Int32(clamping: index + 1)
            if let number = Int64(value), "\(number)" == value {
                try bind(number, at: position)
            } else {
                try bind(value, at: position)
            }
        }
    }

    func bind(_ value: Int64, at position: Int32) throws(DataError) {
        guard database.library.bindInteger(handle, position, value) == 0 else {
            throw database.error("cannot bind a value")
        }
    }

    func bind(_ text: String, at position: Int32) throws(DataError) {
        var text = text
        let code = text.withUTF8 { bytes in
            let start = bytes.baseAddress.map { UnsafeRawPointer($0) } ?? Self.empty
            return database.library.bindText(
                handle, position, start, Int32(clamping: bytes.count), Self.transient)
        }
        guard code == 0 else { throw database.error("cannot bind a value") }
    }

    func bind(_ bytes: [UInt8], at position: Int32) throws(DataError) {
        let code = bytes.withUnsafeBytes {
            database.library.bindBlob(
                handle, position, $0.baseAddress ?? Self.empty, Int32(clamping: $0.count), Self.transient)
        }
        guard code == 0 else { throw database.error("cannot bind a value") }
    }

    /// Not NULL, which would bind NULL.
    private static var empty: UnsafeRawPointer? { UnsafeRawPointer(bitPattern: 8) }

    /// Whether there is a row.
    func step() throws(DataError) -> Bool {
        switch database.library.step(handle) {
        case SQLiteDatabase.row: return true
        case SQLiteDatabase.done: return false
        default: throw database.error("the query failed")
        }
    }

    func reset() { _ = database.library.reset(handle) }

    /// A value of the current row.
    func value(_ column: Int) throws(DataError) -> Value {
        let (library, column) = (database.library, Int32(clamping: column))
        switch library.columnType(handle, column) {
        case 1: return .integer(library.columnInteger(handle, column))
        case 2: return .double(library.columnDouble(handle, column))
        case 3:
            guard let start = library.columnText(handle, column) else { return .text("") }
            let bytes = UnsafeBufferPointer(start: start, count: Int(library.columnBytes(handle, column)))
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw DataError(.encoding, at: database.path, "a text is not UTF-8", isRecoverable: true)
            }
            return .text(text)
        case 4: return .blob
        default: return .null
        }
    }
}
