import MartletData
import MartletSystem

/// A connection to a PostgreSQL server. Not Sendable: one reader or one writer owns it.
final class PostgresConnection {
    /// How messages name the server: the address without a password.
    let name: String
    let library: PostgresLibrary
    private let handle: PostgresLibrary.Handle?

    private enum Status {
        static let (emptyQuery, command, tuples, copyIn): (Int32, Int32, Int32, Int32) = (0, 1, 2, 4)
    }

    /// - Parameter address: `postgres://USER@HOST:PORT/DATABASE`, as libpq reads it. A password is best given
    ///   by `PGPASSWORD` or a file.
    /// - Parameter library: nil: that of the system.
    init(_ address: String, library: PostgresLibrary? = nil) throws(DataError) {
        name = Self.withoutPassword(address)
        self.library = if let library { library } else { try .load() }
        handle = self.library.connect(address)
        guard self.library.status(handle) == 0 else {
            let message = self.library.message(handle).map { String(cString: $0) } ?? "unknown error"
            throw DataError(
                .io, at: name, "cannot connect: \(message.trimmedLines)",
                remedies: [.advice("check that the server runs and that the address is right")])
        }
        try execute("SET client_encoding TO 'UTF8'")
        try execute("SET client_min_messages TO warning")
    }

    deinit { library.finish(handle) }

    /// User, server and database of an address.
    static func withoutPassword(_ address: String) -> String {
        let address = String(address.prefix { $0 != "?" })
        guard let scheme = address.utf8Offset(of: "://"), let at = address.lastIndex(of: "@") else {
            return address
        }
        let start = address.utf8.index(address.startIndex, offsetBy: scheme + 3)
        guard at > start else { return address }
        let user = address[start..<at].prefix { $0 != ":" }
        return String(address[..<start] + user + address[at...])
    }

    /// The rows of a statement.
    @discardableResult
    func execute(_ sql: String, _ parameters: [String] = []) throws(DataError) -> PostgresResult {
        let found: PostgresLibrary.Handle?
        if parameters.isEmpty {
            found = library.execute(handle, sql)
        } else {
            found = Self.withTexts(parameters) { texts in
                library.executeWith(handle, sql, Int32(clamping: parameters.count), nil, texts, nil, nil, 0)
            }
        }
        let result = PostgresResult(library, found)
        guard [Status.command, Status.tuples, Status.emptyQuery].contains(result.status) else {
            throw error(result).dataError
        }
        return result
    }

    /// Sends bytes in the binary form of COPY.
    func copy(into target: String, _ bytes: [UInt8]) throws(PostgresError) {
        let start = PostgresResult(
            library, library.execute(handle, "COPY \(target) FROM STDIN (FORMAT binary)"))
        guard start.status == Status.copyIn else { throw error(start) }
        var offset = 0
        while offset < bytes.count {
            let count = min(1 << 20, bytes.count - offset)
            let code = bytes.withUnsafeBytes { raw in
                library.putCopyData(
                    handle, raw.baseAddress?.advanced(by: offset).assumingMemoryBound(to: CChar.self),
                    Int32(count))
            }
            guard code == 1 else { throw error(start) }
            offset += count
        }
        guard library.putCopyEnd(handle, nil) == 1 else { throw error(start) }
        var failure: PostgresError?
        while let next = library.getResult(handle) {
            let result = PostgresResult(library, next)
            if result.status != Status.command, failure == nil { failure = error(result) }
        }
        if let failure { throw failure }
    }

    private func error(_ result: PostgresResult) -> PostgresError {
        let own = result.message
        let message =
            own.isEmpty ? library.message(handle).map { String(cString: $0) } ?? "unknown error" : own
        return PostgresError(
            state: result.sqlState, dataError: DataError(.io, at: name, message.trimmedLines))
    }

    /// As an identifier in SQL; a dot separates a schema from a table.
    static func quoted(_ name: String) -> String {
        name.split(separator: ".", omittingEmptySubsequences: false).map { quotedPart(String($0)) }.joined(
            separator: ".")
    }

    /// As an identifier in SQL, dots and all.
    static func quotedPart(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    private static func withTexts<R>(_ texts: [String], _ body: (UnsafePointer<PostgresLibrary.Text?>?) -> R)
        -> R
    {
        var bytes: [CChar] = []
        var starts: [Int] = []
        for text in texts {
            starts.append(bytes.count)
            bytes += text.utf8CString
        }
        return bytes.withUnsafeBufferPointer { all in
            let pointers = starts.map { start in all.baseAddress.map { $0 + start } }
            return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
        }
    }
}

/// What a statement gave; its memory is libpq's.
final class PostgresResult {
    private let library: PostgresLibrary
    private let handle: PostgresLibrary.Handle?

    init(_ library: PostgresLibrary, _ handle: PostgresLibrary.Handle?) {
        self.library = library
        self.handle = handle
    }

    deinit { library.clear(handle) }

    var status: Int32 { library.resultStatus(handle) }
    var message: String { library.resultMessage(handle).map { String(cString: $0) } ?? "" }
    /// Five characters that say which error it is; nil: the server did not say.
    var sqlState: String? {
        // PG_DIAG_SQLSTATE.
        library.resultErrorField(handle, Int32(UInt8(ascii: "C"))).map { String(cString: $0) }
    }
    var count: Int { Int(library.rows(handle)) }
    var columns: [String] {
        (0..<library.columns(handle)).map { library.columnName(handle, $0).map { String(cString: $0) } ?? "" }
    }

    /// The number of the column's type in the server's catalogue.
    func type(_ column: Int) -> UInt32 { library.columnType(handle, Int32(clamping: column)) }

    /// The only value, a number; 0 where there is none.
    var integer: Int { count > 0 ? text(0, 0).flatMap { Int($0) } ?? 0 : 0 }

    /// nil for NULL.
    func text(_ row: Int, _ column: Int) -> String? {
        let (row, column) = (Int32(clamping: row), Int32(clamping: column))
        guard library.isNull(handle, row, column) == 0, let start = library.value(handle, row, column) else {
            return nil
        }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(library.length(handle, row, column)))
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension String {
    /// On one line; of the query that the server shows only what its mark points at, as it shows what is around
    /// the query of the user, too.
    var trimmedLines: String {
        let lines = split(whereSeparator: \.isNewline)
        var parts: [String] = []
        for (index, line) in lines.enumerated() {
            let text = line.drop { $0.isWhitespace }
            if text == "^" { continue }
            if text.hasPrefix("LINE "), text.dropFirst(5).first?.isNumber == true, text.contains(":"),
                index + 1 < lines.count,
                let mark = lines[index + 1].firstIndex(of: "^").map({
                    lines[index + 1].distance(from: lines[index + 1].startIndex, to: $0)
                })
            {
                parts.append("at \"\(line.dropFirst(mark).prefix(40))\"")
            } else {
                parts.append(String(text))
            }
        }
        return parts.joined(separator: "; ")
    }
}
