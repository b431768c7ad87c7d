import CMartlet
import Martlet

@_cdecl("martlet_rerank")
public func martlet_rerank(
    _ model: UInt64, _ query: UnsafePointer<martlet_texts>?, _ documents: UnsafePointer<martlet_texts>?,
    _ options: UnsafePointer<CChar>?, _ progress: UnsafePointer<martlet_progress>?,
    _ scores: UnsafeMutablePointer<Float>?,
    _ capacity: Int, _ usage: UnsafeMutablePointer<martlet_usage>?, _ error: ErrorPlace?
) -> Int32 {
    call(error) {
        let model = try HandleTable.shared.model(model)
        let query = try TextBlock(query, "query").single("query")
        let block = try TextBlock(documents, "documents")
        let output = try OutputBlock(scores, capacity: capacity, rows: block.count, width: 1, "scores")
        let scorer = try Scorer(model, query: query, options: try RerankOptions(options))
        try forEachSlice(of: block, model.info, progress, usage) { texts, range in
            let (values, usage) = try scorer.scores(of: texts)
            try output.write(values, at: range.lowerBound)
            return usage
        }
    }
}

@_cdecl("martlet_predict")
public func martlet_predict(
    _ model: UInt64, _ firsts: UnsafePointer<martlet_texts>?, _ seconds: UnsafePointer<martlet_texts>?,
    _ options: UnsafePointer<CChar>?, _ progress: UnsafePointer<martlet_progress>?,
    _ scores: UnsafeMutablePointer<Float>?,
    _ capacity: Int, _ usage: UnsafeMutablePointer<martlet_usage>?, _ error: ErrorPlace?
) -> Int32 {
    call(error) {
        let model = try HandleTable.shared.model(model)
        guard case .relevance(let reranker) = model.model else {
            throw CallError.kind(model.info, is: "a score for each label")
        }
        let options = try RerankOptions(options)
        let first = try TextBlock(firsts, "firsts")
        let second = try seconds.map { seconds throws(CallError) in try TextBlock(seconds, "seconds") }
        guard second == nil || second?.count == first.count else {
            throw CallError.argument(
                "\(first.count) first texts and \(second?.count ?? 0) second ones; expected as many of each")
        }
        let width = max(1, model.info.labels.count)
        let output = try OutputBlock(scores, capacity: capacity, rows: first.count, width: width, "scores")
        try forEachSlice(of: second ?? first, model.info, progress, usage) { texts, range in
            let inputs: [ClassifierInput] =
                second == nil
                ? texts.map { .text($0) } : zip(try first.texts(range), texts).map { .pair($0, $1) }
            let found = try reranker.predictBlocking(inputs, options: options)
            try output.write(found.flatMap { $0.map(\.score) }, at: range.lowerBound * width)
            return found.usage
        }
    }
}

@_cdecl("martlet_similarity")
public func martlet_similarity(
    _ a: UnsafePointer<Float>?, _ rowsA: Int, _ b: UnsafePointer<Float>?, _ rowsB: Int, _ dimensions: Int,
    _ function: UnsafePointer<CChar>?, _ matrix: UnsafeMutablePointer<Float>?, _ capacity: Int,
    _ error: ErrorPlace?
) -> Int32 {
    call(error) {
        let name = try CText.read(function, "function") ?? SimilarityFunction.cosine.rawValue
        guard let function = SimilarityFunction(rawValue: name) else {
            let names = SimilarityFunction.allCases.map(\.rawValue).joined(separator: ", ")
            throw CallError.option("function is \"\(name)\"; expected one of \(names)")
        }
        let columns = try vectors(b, rows: rowsB, dimensions, "b")
        _ = try rowCheck(a, rows: rowsA, dimensions, "a")
        let output = try OutputBlock(matrix, capacity: capacity, rows: rowsA, width: rowsB, "matrix")
        // Row by row of `a`: the memory of a call stays that of a row.
        for row in 0..<rowsA {
            let query = try vectors(a.map { $0 + row * dimensions }, rows: 1, dimensions, "a")
            try output.write(try query.similarities(to: columns, by: function).values, at: row * rowsB)
        }
    }
}

/// Number of floats of a matrix of the caller.
private func rowCheck(_ memory: UnsafePointer<Float>?, rows: Int, _ dimensions: Int, _ name: String)
    throws(CallError) -> Int
{
    let (count, overflow) = rows.multipliedReportingOverflow(by: dimensions)
    guard rows >= 0, dimensions > 0, !overflow, count < Int.max / 4 else {
        throw .argument(
            "\(name): \(rows) rows of \(dimensions) dimensions; expected a row to have one or more")
    }
    guard memory != nil || count == 0 else { throw .argument("\(name) is NULL; expected \(count) numbers") }
    guard UInt(bitPattern: memory).isMultiple(of: UInt(MemoryLayout<Float>.alignment)) else {
        throw .argument("\(name) is not aligned to \(MemoryLayout<Float>.alignment) bytes")
    }
    return count
}

/// A copy of vectors of the caller.
private func vectors(_ memory: UnsafePointer<Float>?, rows: Int, _ dimensions: Int, _ name: String) throws
    -> Embeddings
{
    let count = try rowCheck(memory, rows: rows, dimensions, name)
    return try Embeddings(
        floats: Array(UnsafeBufferPointer(start: memory, count: count)), dimensions: dimensions)
}
