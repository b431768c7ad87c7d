#if Command

import ArgumentParser
import Martlet
import MartletData
import MartletSQL
import MartletVectorStores

extension StoreDistance: ExpressibleByArgument {}

/// Databases as input and output.
struct DatabaseOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Read the rows of --sql from a database in place of texts and files: sqlite:FILE or postgres://USER@HOST/DATABASE. Columns are "
                + "named by --field and --id; else they are text and id, or of two columns the first is the id.",
            valueName: "address"))
    var from: String?

    @Option(
        help: ArgumentHelp(
            "The query. Order its rows by the id, so that an interrupted run can go on.",
            valueName: "query"))
    var sql: String?

    @Option(
        help: ArgumentHelp(
            "A value for the query: the first for ?1 of SQLite or $1 of PostgreSQL, and so on. Can be given several times.",
            valueName: "value"))
    var param: [String] = []

    @Option(
        help: ArgumentHelp(
            "Write the vectors into a database, where a row replaces one of the same id: \(DestinationScheme.help). With TLS: qdrant+https://… "
                + "and so on. Keys come from the environment. An interrupted run goes on with the same command.",
            valueName: "address"))
    var to: String?

    @Option(
        help: ArgumentHelp(
            "The table or collection that --to writes into. Default: embeddings.", valueName: "name"))
    var table: String?

    @Flag(help: "After the last row, make an HNSW index for cosine distance in PostgreSQL.")
    var createIndex = false

    @Option(
        help: ArgumentHelp(
            "Load sqlite-vec from a file, and store the vectors in a table of its kind.", valueName: "file"),
        completion: .file())
    var sqliteExtension: String?

    @Option(
        help: ArgumentHelp(
            "How a new collection of a vector database compares vectors. Default: cosine.",
            valueName: "distance"))
    var distance: StoreDistance?

    @Flag(help: "Store no texts beside the vectors in a vector database.")
    var withoutTexts = false

    @Flag(help: "Let a new collection of Qdrant or Weaviate search by one bit of each number.")
    var binaryQuantization = false

    func validate() throws {
        if (from == nil) != (sql == nil) {
            throw CommandError.usage("--from names a database and --sql the query; give both")
        }
        if sql == nil, !param.isEmpty {
            throw CommandError.usage("--param gives a value to --sql; give both")
        }
        if to == nil, table != nil { throw CommandError.usage("--table is for --to") }
        if to == nil, createIndex { throw CommandError.usage("--create-index is for --to postgres://…") }
        if to == nil, sqliteExtension != nil {
            throw CommandError.usage("--sqlite-extension is for --to sqlite:FILE")
        }
        if to == nil, let option = forStores {
            throw CommandError.usage("\(option) is for --to with a vector database")
        }
    }

    /// An option that was given and means vector databases.
    var forStores: String? {
        distance != nil
            ? "--distance"
            : withoutTexts ? "--without-texts" : binaryQuantization ? "--binary-quantization" : nil
    }

    /// The rows of the query; nil: none was given.
    func source(_ input: InputOptions, badRecords: BadRecordPolicy, batchSize: BatchSize) throws
        -> AnyRecordSource?
    {
        guard let from, let sql else { return nil }
        guard input.texts.isEmpty, input.files.isEmpty, input.include.isEmpty, input.input == nil else {
            throw CommandError.usage("--from reads a database; drop the texts, -f, --include and --input")
        }
        var query = DatabaseQuery(sql, text: input.field, id: input.id)
        (query.parameters, query.badRecords, query.batchSize) = (param, badRecords, batchSize)
        if let path = from.withoutPrefix("sqlite:") {
            let source = SQLiteSource(path: path, query: query)
            try source.check()
            return AnyRecordSource(source, digest: source.digest)
        }
        if from.hasPrefix("postgres://") || from.hasPrefix("postgresql://") {
            let source = PostgresSource(address: from, query: query)
            try source.check()
            return AnyRecordSource(source, digest: source.digest)
        }
        throw CommandError.usage("--from \(from): expected sqlite:FILE or postgres://USER@HOST/DATABASE")
    }

    /// Where the rows go; nil: not into a database.
    /// - Parameter kind: What texts become.
    func destination(
        _ output: OutputOptions, _ job: JobOptions, kind: EmbeddingKind, method: SparseMethod,
        source: AnyRecordSource
    ) throws -> (any Destination)? {
        guard let to else {
            if job.journal != nil { throw CommandError.usage("--journal is for --to; files have FILE.job") }
            return nil
        }
        if job.onlyChanged, job.journal == nil {
            throw CommandError.usage(
                "--only-changed with --to needs a file that knows which texts the database has: name one with --journal"
            )
        }
        if job.resume {
            throw CommandError.usage(
                "--resume is for files; a database keeps the position with the rows, and the same command goes on: drop it"
            )
        }
        if let option = output.forFiles ?? (job.shard != nil ? "--shard" : nil) {
            throw CommandError.usage(
                "--to writes into a database, and \(option) is for files; drop one of them")
        }
        guard let scheme = DestinationScheme.all.first(where: { to.hasPrefix($0.prefix) }) else {
            throw CommandError.usage("--to \(to): expected one of \(DestinationScheme.help)")
        }
        return try scheme.open(
            DestinationRequest(
                options: self, address: to, place: String(to.dropFirst(scheme.prefix.count)),
                precision: output.outputPrecision, kind: kind.vectorKind, method: method,
                isJournaled: job.journal != nil,
                source: source.digest ?? "stream"))
    }
}

extension String {
    fileprivate func withoutPrefix(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}

extension OutputOptions {
    /// An option that was given and means files.
    fileprivate var forFiles: String? {
        output != nil ? "-o" : format != nil ? "--format" : meta ? "--meta" : nil
    }
}

#endif
