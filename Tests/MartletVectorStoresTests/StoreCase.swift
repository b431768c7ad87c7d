import Martlet
import MartletData
import MartletHTTP
import Synchronization
import Testing

@testable import MartletVectorStores

/// A database with a stand-in for it.
struct StoreCase: Sendable, CustomTestStringConvertible {
    let name: String
    /// The variable that holds the key, and the header that sends it.
    let key: (variable: String, header: String)
    let collection: @Sendable (StoreSettings) -> any StoreCollection
    let database: @Sendable () -> any FakeDatabase
    var testDescription: String { name }

    static let all = [
        StoreCase(name: "Qdrant", key: ("QDRANT_API_KEY", "api-key")) {
            QdrantCollection($0)
        } database: {
            FakeQdrant()
        },
        StoreCase(name: "Chroma", key: ("CHROMA_API_KEY", "x-chroma-token")) {
            ChromaCollection($0)
        } database: {
            FakeChroma()
        },
        StoreCase(name: "Milvus", key: ("MILVUS_TOKEN", "Authorization")) {
            MilvusCollection($0)
        } database: {
            FakeMilvus()
        },
        StoreCase(name: "Elasticsearch", key: ("ELASTIC_API_KEY", "Authorization")) {
            ElasticsearchIndex($0, on: .elasticsearch)
        } database: {
            FakeElasticsearch()
        },
        StoreCase(name: "OpenSearch", key: ("OPENSEARCH_API_KEY", "Authorization")) {
            ElasticsearchIndex($0, on: .opensearch)
        } database: {
            FakeElasticsearch()
        },
        StoreCase(name: "Weaviate", key: ("WEAVIATE_API_KEY", "Authorization")) {
            WeaviateCollection($0)
        } database: {
            FakeWeaviate()
        },
    ]

    func settings(
        _ server: FakeServer, kind: VectorKind = .dense, environment: [String: String] = [:]
    ) throws -> StoreSettings {
        var settings = StoreSettings(
            address: try StoreAddress("test:1/c", isSecure: false, port: 1, collection: nil),
            transport: server
        ) { environment[$0] }
        settings.kind = kind
        settings.retries.sleep = { pause in server.pauses.withLock { $0.append(pause) } }
        settings.retries.jitter = { 0 }
        settings.retries.attempts = 4
        return settings
    }

    func open(_ server: FakeServer, environment: [String: String] = [:]) throws -> any StoreCollection {
        collection(try settings(server, environment: environment))
    }
}

/// Rows and schemas of tests.
enum Sample {
    static func schema(_ weights: String = "test:1", width: Int = 2, kind: VectorKind = .dense)
        -> VectorSchema
    {
        VectorSchema(
            kind: kind, width: width,
            identity: ModelIdentity(
                space: VectorSpace(model: "test", weights: weights, dimensions: width),
                computation: Computation(precision: "f32", device: "cpu")))
    }

    static func records(_ range: Range<Int>) -> [Record] {
        range.map { row in
            Record(
                text: "text \(row)", id: row % 2 == 0 ? .text("r\(row)") : .literal("\(row)"), index: row,
                source: "in.jsonl", line: row + 1)
        }
    }

    static func batch(_ records: [Record], first: (Record) -> Float = { Float($0.index) }) -> RowBatch {
        RowBatch(
            records: records,
            rows: .dense(
                DenseRows(
                    count: records.count, width: 2, elements: .float32(records.flatMap { [first($0), 0.5] })))
        )
    }

    static func checkpoint(_ index: Int) -> Checkpoint {
        Checkpoint(source: "s1", index: index, offset: index)
    }
}
