#if Command

import Martlet
import MartletData
import MartletHTTP
import MartletIndex
import MartletJobs
import MartletSQL
import MartletVectorStores

/// What a destination is opened with.
struct DestinationRequest {
    let options: DatabaseOptions
    /// What stands after `--to`.
    let address: String
    /// The address without the scheme.
    let place: String
    let precision: OutputPrecision
    let kind: VectorKind
    let method: SparseMethod
    /// Whether a journal follows the commits, so that each has to be durable, and no position is used.
    let isJournaled: Bool
    /// The digest of the source.
    let source: String

    /// Refuses an option that was given and does not apply.
    func refuse(_ option: String, _ isGiven: Bool, _ purpose: String) throws(CommandError) {
        if isGiven { throw .usage("\(option) is for --to \(purpose)") }
    }

    /// Refuses what is for vector databases.
    func refuseStoreOptions() throws(CommandError) {
        if let option = options.forStores { try refuse(option, true, "with a vector database") }
    }

    func refuseTableOptions() throws(CommandError) {
        try refuse("--create-index", options.createIndex, "postgres://…")
        try refuse("--sqlite-extension", options.sqliteExtension != nil, "sqlite:FILE")
    }
}

/// A kind of address after `--to`. To add one: a row in `all`.
struct DestinationScheme: Sendable {
    let prefix: String
    /// For the help; nil: another form of the scheme before.
    let example: String?
    let open: @Sendable (DestinationRequest) throws -> any Destination

    static let all: [DestinationScheme] =
        [
            DestinationScheme(prefix: "sqlite:", example: "sqlite:FILE", open: sqlite),
            DestinationScheme(
                prefix: "postgres://", example: "postgres://USER@HOST/DATABASE", open: postgres),
            DestinationScheme(prefix: "postgresql://", example: nil, open: postgres),
            DestinationScheme(prefix: "martlet:", example: "martlet:NAME.martlet", open: collection),
        ] + store("qdrant", port: 6333) { QdrantCollection($0) }
        + store("chroma", port: 8000) { ChromaCollection($0) }
        + store("milvus", port: 19530) { MilvusCollection($0) }
        + store("elasticsearch", port: 9200) { ElasticsearchIndex($0, on: .elasticsearch) }
        + store("opensearch", port: 9200) { ElasticsearchIndex($0, on: .opensearch) }
        + store("weaviate", port: 8080) { WeaviateCollection($0) }

    static var help: String { all.compactMap(\.example).joined(separator: ", ") }

    private static let sqlite: @Sendable (DestinationRequest) throws -> any Destination = { request in
        try request.refuse("--create-index", request.options.createIndex, "postgres://…")
        try request.refuseStoreOptions()
        return SQLiteDestination(
            path: request.place, table: request.options.table ?? "embeddings", source: request.source,
            vectorExtension: request.options.sqliteExtension, isJournaled: request.isJournaled)
    }

    private static let postgres: @Sendable (DestinationRequest) throws -> any Destination = { request in
        try request.refuse("--sqlite-extension", request.options.sqliteExtension != nil, "sqlite:FILE")
        try request.refuseStoreOptions()
        return PostgresDestination(
            address: request.address, table: request.options.table ?? "embeddings", source: request.source,
            isBits: request.precision == .binary || request.precision == .ubinary,
            makesIndex: request.options.createIndex, isJournaled: request.isJournaled)
    }

    /// A collection that `martlet search` reads.
    private static let collection: @Sendable (DestinationRequest) throws -> any Destination = { request in
        try request.refuseTableOptions()
        let options = request.options
        try request.refuse("--table", options.table != nil, "with a table or a vector database")
        try request.refuse("--without-texts", options.withoutTexts, "with a vector database")
        try request.refuse("--binary-quantization", options.binaryQuantization, "with a vector database")
        try request.refuse("--distance euclid", options.distance == .euclid, "with a vector database")
        guard !request.place.isEmpty else {
            throw CommandError.usage("--to martlet: names no folder; expected martlet:NAME.martlet")
        }
        return CollectionDestination(
            path: request.place, similarity: options.distance == .dot ? .dot : .cosine,
            source: request.source, rowsOfCommit: request.isJournaled ? 1 : 4096)
    }

    /// `NAME://HOST:PORT/COLLECTION`, and `NAME+https://…`.
    private static func store(
        _ name: String, port: Int, _ collection: @escaping @Sendable (StoreSettings) -> any StoreCollection
    ) -> [DestinationScheme] {
        func scheme(_ prefix: String, example: String?, isSecure: Bool) -> DestinationScheme {
            DestinationScheme(prefix: prefix, example: example) { request in
                try request.refuseTableOptions()
                let settings = try settings(request, isSecure: isSecure, port: port)
                return StoreDestination(collection(settings), source: request.source)
            }
        }
        return [
            scheme("\(name)://", example: "\(name)://HOST:PORT/COLLECTION", isSecure: false),
            scheme("\(name)+https://", example: nil, isSecure: true),
        ]
    }

    #if Hub
    private static func settings(_ request: DestinationRequest, isSecure: Bool, port: Int) throws
        -> StoreSettings
    {
        let address: StoreAddress
        do throws(StoreAddress.Malformed) {
            address = try StoreAddress(
                request.place, isSecure: isSecure, port: port, collection: request.options.table)
        } catch {
            throw CommandError.usage("--to: \(error.reason)")
        }
        var settings = StoreSettings(
            address: address, transport: NetworkTransport(), environment: { System.setting($0) })
        settings.kind = request.kind
        settings.distance = request.options.distance ?? .cosine
        settings.storesTexts = !request.options.withoutTexts
        settings.quantizesToBits = request.options.binaryQuantization
        settings.countsRareness = request.method != .native
        return settings
    }
    #else
    private static func settings(_ request: DestinationRequest, isSecure: Bool, port: Int) throws
        -> StoreSettings
    {
        throw CommandError.missing("vector databases", trait: "Hub")
    }
    #endif
}

#endif
