import MartletData

/// The functions of the system's libpq that are called here, under their names in C without `PQ`.
///
/// <https://www.postgresql.org/docs/current/libpq.html>
struct PostgresLibrary: Sendable {
    typealias Handle = OpaquePointer
    typealias Text = UnsafePointer<CChar>

    let connect: @convention(c) (Text) -> Handle?
    let status: @convention(c) (Handle?) -> Int32
    let message: @convention(c) (Handle?) -> Text?
    let finish: @convention(c) (Handle?) -> Void
    let execute: @convention(c) (Handle?, Text) -> Handle?
    let executeWith:
        @convention(c) (
            Handle?, Text, Int32, UnsafePointer<UInt32>?, UnsafePointer<Text?>?, UnsafePointer<Int32>?,
            UnsafePointer<Int32>?, Int32
        ) -> Handle?
    let resultStatus: @convention(c) (Handle?) -> Int32
    let resultMessage: @convention(c) (Handle?) -> Text?
    let resultErrorField: @convention(c) (Handle?, Int32) -> Text?
    let clear: @convention(c) (Handle?) -> Void
    let rows: @convention(c) (Handle?) -> Int32
    let columns: @convention(c) (Handle?) -> Int32
    let columnName: @convention(c) (Handle?, Int32) -> Text?
    let columnType: @convention(c) (Handle?, Int32) -> UInt32
    let isNull: @convention(c) (Handle?, Int32, Int32) -> Int32
    let value: @convention(c) (Handle?, Int32, Int32) -> Text?
    let length: @convention(c) (Handle?, Int32, Int32) -> Int32
    let putCopyData: @convention(c) (Handle?, UnsafePointer<CChar>?, Int32) -> Int32
    let putCopyEnd: @convention(c) (Handle?, Text?) -> Int32
    let getResult: @convention(c) (Handle?) -> Handle?

    static let names = [
        "libpq.so.5", "libpq.so", "libpq.5.dylib", "/opt/homebrew/opt/libpq/lib/libpq.5.dylib",
        "/usr/local/opt/libpq/lib/libpq.5.dylib",
    ]

    /// - Throws: ``DataError/Code/unsupported`` if the system has no libpq.
    static func load() throws(DataError) -> PostgresLibrary {
        guard let library = DynamicLibrary(names) else {
            throw DataError(
                .unsupported, at: "PostgreSQL", "the system has no libpq",
                remedies: [
                    .advice("install it: apt-get install libpq5, dnf install libpq, brew install libpq")
                ])
        }
        func function<T>(_ name: String, as type: T.Type = T.self) throws(DataError) -> T {
            guard let found = library.function("PQ\(name)", as: type) else {
                throw DataError(
                    .unsupported, at: "PostgreSQL", "libpq has no PQ\(name)",
                    remedies: [.advice("install a newer one")])
            }
            return found
        }
        return PostgresLibrary(
            connect: try function("connectdb"), status: try function("status"),
            message: try function("errorMessage"),
            finish: try function("finish"), execute: try function("exec"),
            executeWith: try function("execParams"),
            resultStatus: try function("resultStatus"), resultMessage: try function("resultErrorMessage"),
            resultErrorField: try function("resultErrorField"),
            clear: try function("clear"),
            rows: try function("ntuples"), columns: try function("nfields"),
            columnName: try function("fname"),
            columnType: try function("ftype"), isNull: try function("getisnull"),
            value: try function("getvalue"),
            length: try function("getlength"), putCopyData: try function("putCopyData"),
            putCopyEnd: try function("putCopyEnd"),
            getResult: try function("getResult"))
    }
}
