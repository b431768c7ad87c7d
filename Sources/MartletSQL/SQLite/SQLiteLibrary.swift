import MartletData

/// The functions of the system's libsqlite3 that are called here, under their names in C.
///
/// <https://sqlite.org/c3ref/funclist.html>
struct SQLiteLibrary: Sendable {
    typealias Handle = OpaquePointer
    typealias Text = UnsafePointer<CChar>

    let open: @convention(c) (Text, UnsafeMutablePointer<Handle?>, Int32, Text?) -> Int32
    let close: @convention(c) (Handle?) -> Int32
    let message: @convention(c) (Handle?) -> Text?
    let busyTimeout: @convention(c) (Handle?, Int32) -> Int32
    let prepare:
        @convention(c) (Handle?, Text, Int32, UnsafeMutablePointer<Handle?>, UnsafeMutablePointer<Text?>?) ->
            Int32
    let isReadOnly: @convention(c) (Handle?) -> Int32
    let step: @convention(c) (Handle?) -> Int32
    let reset: @convention(c) (Handle?) -> Int32
    let finalize: @convention(c) (Handle?) -> Int32
    let changes: @convention(c) (Handle?) -> Int32
    let bindText: @convention(c) (Handle?, Int32, UnsafeRawPointer?, Int32, UnsafeRawPointer?) -> Int32
    let bindBlob: @convention(c) (Handle?, Int32, UnsafeRawPointer?, Int32, UnsafeRawPointer?) -> Int32
    let bindInteger: @convention(c) (Handle?, Int32, Int64) -> Int32
    let parameterCount: @convention(c) (Handle?) -> Int32
    let columnCount: @convention(c) (Handle?) -> Int32
    let columnName: @convention(c) (Handle?, Int32) -> Text?
    let columnType: @convention(c) (Handle?, Int32) -> Int32
    let columnInteger: @convention(c) (Handle?, Int32) -> Int64
    let columnDouble: @convention(c) (Handle?, Int32) -> Double
    let columnText: @convention(c) (Handle?, Int32) -> UnsafePointer<UInt8>?
    let columnBytes: @convention(c) (Handle?, Int32) -> Int32
    let free: @convention(c) (UnsafeMutableRawPointer?) -> Void
    let enableExtensions: (@convention(c) (Handle?, Int32) -> Int32)?
    let loadExtension:
        (@convention(c) (Handle?, Text, Text?, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> Int32)?

    static let names = ["libsqlite3.so.0", "libsqlite3.so", "libsqlite3.dylib", "/usr/lib/libsqlite3.dylib"]

    /// - Throws: ``DataError/Code/unsupported`` if the system has no libsqlite3.
    static func load() throws(DataError) -> SQLiteLibrary {
        guard let library = DynamicLibrary(names) else {
            throw DataError(
                .unsupported, at: "SQLite", "the system has no libsqlite3",
                remedies: [
                    .advice(
                        "install it: apt-get install libsqlite3-0, dnf install sqlite-libs, apk add sqlite-libs"
                    )
                ])
        }
        func function<T>(_ name: String, as type: T.Type = T.self) throws(DataError) -> T {
            guard let found = library.function("sqlite3_\(name)", as: type) else {
                throw DataError(
                    .unsupported, at: "SQLite", "libsqlite3 has no sqlite3_\(name)",
                    remedies: [.advice("install a newer one")])
            }
            return found
        }
        return SQLiteLibrary(
            open: try function("open_v2"), close: try function("close_v2"), message: try function("errmsg"),
            busyTimeout: try function("busy_timeout"), prepare: try function("prepare_v2"),
            isReadOnly: try function("stmt_readonly"),
            step: try function("step"), reset: try function("reset"), finalize: try function("finalize"),
            changes: try function("changes"),
            bindText: try function("bind_text"), bindBlob: try function("bind_blob"),
            bindInteger: try function("bind_int64"),
            parameterCount: try function("bind_parameter_count"), columnCount: try function("column_count"),
            columnName: try function("column_name"), columnType: try function("column_type"),
            columnInteger: try function("column_int64"), columnDouble: try function("column_double"),
            columnText: try function("column_text"), columnBytes: try function("column_bytes"),
            free: try function("free"),
            enableExtensions: library.function(
                "sqlite3_enable_load_extension", as: (@convention(c) (Handle?, Int32) -> Int32).self),
            loadExtension: library.function(
                "sqlite3_load_extension",
                as: (@convention(c) (
                    Handle?, Text, Text?, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
                ) -> Int32).self))
    }
}
