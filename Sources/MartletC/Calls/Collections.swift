import CMartlet
import Martlet
import MartletIndex
import MartletJSON

@_cdecl("martlet_collection_open")
public func martlet_collection_open(
    _ path: UnsafePointer<CChar>?, _ model: UInt64, _ options: UnsafePointer<CChar>?,
    _ collection: UnsafeMutablePointer<UInt64>?,
    _ error: ErrorPlace?
) -> Int32 {
    call(error) {
        guard let collection else { throw CallError.argument("collection is NULL") }
        collection.pointee = 0
        guard let path = try CText.read(path, "path") else { throw CallError.argument("path is NULL") }
        let model = try HandleTable.shared.model(model)
        guard case .dense(let embedder) = model.model else {
            throw CallError.kind(model.info, is: "one vector for each text")
        }
        let opened = try OpenCollection(
            SearchCollection.opened(path, for: embedder, options), embedder: embedder)
        collection.pointee = HandleTable.shared.insert(.collection(opened))
    }
}

@_cdecl("martlet_collection_add")
public func martlet_collection_add(
    _ collection: UInt64, _ ids: UnsafePointer<martlet_texts>?, _ texts: UnsafePointer<martlet_texts>?,
    _ fields: UnsafePointer<CChar>?,
    _ progress: UnsafePointer<martlet_progress>?, _ usage: UnsafeMutablePointer<martlet_usage>?,
    _ error: ErrorPlace?
) -> Int32 {
    call(error) {
        let opened = try HandleTable.shared.collection(collection)
        let (ids, block) = (try TextBlock(ids, "ids").all, try TextBlock(texts, "texts"))
        guard ids.count == block.count else {
            throw CallError.argument("\(ids.count) ids for \(block.count) texts; expected one for each")
        }
        let fields = try RecordFields.read(fields, count: ids.count)
        let writer = try opened.writer()
        var records: [Record] = []
        records.reserveCapacity(ids.count)
        try forEachSlice(of: block, opened.embedder.model, progress, usage) { texts, range in
            let vectors = try opened.embedder.embedBlocking(texts, as: .document)
            for (place, text) in texts.enumerated() {
                let index = range.lowerBound + place
                records.append(
                    Record(id: ids[index], text: text, vector: vectors[place].values, fields: fields[index]))
            }
            return vectors.usage
        }
        try writer.add(records, identity: opened.identity)
    }
}

@_cdecl("martlet_collection_remove")
public func martlet_collection_remove(
    _ collection: UInt64, _ ids: UnsafePointer<martlet_texts>?, _ removed: UnsafeMutablePointer<Int64>?,
    _ error: ErrorPlace?
) -> Int32 {
    call(error) {
        let opened = try HandleTable.shared.collection(collection)
        let count = try opened.writer().remove(ids: try TextBlock(ids, "ids").all)
        removed?.pointee = Int64(count)
    }
}

@_cdecl("martlet_collection_search")
public func martlet_collection_search(
    _ collection: UInt64, _ query: UnsafePointer<martlet_texts>?, _ options: UnsafePointer<CChar>?,
    _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: ErrorPlace?
) -> Int32 {
    call(error) {
        let opened = try HandleTable.shared.collection(collection)
        let questions = try TextBlock(query, "query").all
        var request = try SearchRequest(options)
        request.identity = opened.identity
        let vectors = request.mode == .words ? nil : try opened.embedder.embedBlocking(questions, as: .query)
        request.questions = questions.indices.map {
            SearchRequest.Question(text: questions[$0], vector: vectors?[$0].values)
        }
        try write(.array(try opened.collection.search(request).map(JSONValue.init)), to: json)
    }
}

@_cdecl("martlet_collection_query")
public func martlet_collection_query(
    _ collection: UInt64, _ text: UnsafePointer<martlet_texts>?, _ options: UnsafePointer<CChar>?,
    _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: ErrorPlace?
) -> Int32 {
    call(error) {
        let opened = try HandleTable.shared.collection(collection)
        let text = try TextBlock(text, "text").single("text")
        let options = try QueryOptions(options)
        let vector = try opened.embedder.embedBlocking([text], as: .query)[0].values
        let answer = try opened.writer().query(
            text, vector: vector, threshold: options.threshold, identity: opened.identity, id: options.id,
            fields: options.fields,
            count: options.count)
        try write(
            .object([
                "hits": .array(answer.hits.map(JSONValue.init)),
                "added": answer.added.map(JSONValue.string) ?? .null,
            ]), to: json)
    }
}

extension SearchCollection {
    /// Opens the collection of a path, or makes it where the options say so.
    fileprivate static func opened(
        _ path: String, for embedder: Embedder, _ options: UnsafePointer<CChar>?
    ) throws -> SearchCollection {
        var reader = try OptionReader(options)
        let create = try reader.flag("create") ?? false
        let similarity: VectorSimilarity? = try reader.choice("similarity")
        let store: VectorStore? = try reader.choice("store")
        let language = try language(&reader)
        try reader.finish()
        do {
            let found = try SearchCollection(opening: path)
            try found.require(similarity, \.similarity, "similarity")
            try found.require(store, \.store, "store")
            try found.require(language, \.language, "language")
            return found
        } catch let error as IndexError where error.code == .notFound && create {
            return try .create(
                at: path,
                settings: CollectionSettings(
                    identity: CollectionIdentity(embedder.identity), dimensions: embedder.model.dimensions,
                    similarity: similarity ?? (embedder.model.similarity == .dot ? .dot : .cosine),
                    store: store ?? .f16,
                    language: language ?? .english))
        }
    }

    private static func language(_ reader: inout OptionReader) throws(CallError) -> WordLanguage? {
        guard let name = try reader.string("language") else { return nil }
        do throws(IndexError) { return try WordLanguage.named(name) } catch {
            throw .option("option \"language\": \(error.message)")
        }
    }

    /// - Throws: If the collection was made with another value of an option than the caller gives.
    private func require<Choice: RawRepresentable<String> & Equatable>(
        _ wanted: Choice?, _ member: KeyPath<CollectionSettings, Choice>, _ name: String
    ) throws(CallError) {
        let made = settings[keyPath: member]
        guard let wanted, wanted != made else { return }
        throw .option(
            "option \"\(name)\" is \"\(wanted.rawValue)\", and \(path) was made with \"\(made.rawValue)\"; leave it out"
        )
    }
}

extension JSONValue {
    fileprivate init(_ hit: Hit) {
        self = .object([
            "id": .string(hit.id), "text": .string(hit.text), "score": .float(hit.score),
            "similarity": .float(hit.similarity),
            "vector_rank": hit.vectorRank.map(JSONValue.integer) ?? .null,
            "word_score": .float(hit.wordScore),
            "word_rank": hit.wordRank.map(JSONValue.integer) ?? .null,
            "terms": .object(pairs: hit.terms.map { ($0.term, .float($0.score)) }), "fields": hit.fields.json,
        ])
    }
}
