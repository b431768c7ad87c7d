import CMartlet
import Martlet

@_cdecl("martlet_embed")
public func martlet_embed(
    _ model: UInt64, _ texts: UnsafePointer<martlet_texts>?, _ options: UnsafePointer<CChar>?,
    _ progress: UnsafePointer<martlet_progress>?, _ vectors: UnsafeMutablePointer<Float>?, _ capacity: Int,
    _ usage: UnsafeMutablePointer<martlet_usage>?, _ error: ErrorPlace?
) -> Int32 {
    call(error) {
        let model = try HandleTable.shared.model(model)
        guard case .dense(let embedder) = model.model else {
            throw CallError.kind(model.info, is: "one vector for each text")
        }
        let (block, options) = (try TextBlock(texts, "texts"), try TextOptions(options))
        let width = try options.width(of: model.info)
        let output = try OutputBlock(vectors, capacity: capacity, rows: block.count, width: width, "vectors")
        try forEachSlice(of: block, model.info, progress, usage) { texts, range in
            let found = try embedder.embedBlocking(texts, as: options.role, options: options.embed)
            try output.write(found.floats, at: range.lowerBound * width)
            return found.usage
        }
    }
}

@_cdecl("martlet_embed_sparse")
public func martlet_embed_sparse(
    _ model: UInt64, _ texts: UnsafePointer<martlet_texts>?, _ options: UnsafePointer<CChar>?,
    _ progress: UnsafePointer<martlet_progress>?,
    _ rows: UnsafeMutablePointer<UnsafeMutablePointer<martlet_rows>?>?,
    _ usage: UnsafeMutablePointer<martlet_usage>?, _ error: ErrorPlace?
) -> Int32 {
    call(error) {
        let model = try HandleTable.shared.model(model)
        guard case .sparse(let embedder) = model.model else {
            throw CallError.kind(model.info, is: "sparse vectors")
        }
        guard let rows else { throw CallError.argument("rows is NULL") }
        let (block, options) = (try TextBlock(texts, "texts"), try TextOptions(options))
        var collected = ExportedRows(width: 1)
        try forEachSlice(of: block, model.info, progress, usage) { texts, _ in
            let found = try embedder.embedBlocking(texts, as: options.role, options: options.embed)
            for vector in found { collected.append(vector) }
            return found.usage
        }
        rows.pointee = try collected.exported()
    }
}

@_cdecl("martlet_embed_multi")
public func martlet_embed_multi(
    _ model: UInt64, _ texts: UnsafePointer<martlet_texts>?, _ options: UnsafePointer<CChar>?,
    _ progress: UnsafePointer<martlet_progress>?,
    _ rows: UnsafeMutablePointer<UnsafeMutablePointer<martlet_rows>?>?,
    _ usage: UnsafeMutablePointer<martlet_usage>?, _ error: ErrorPlace?
) -> Int32 {
    call(error) {
        let model = try HandleTable.shared.model(model)
        guard let rows else { throw CallError.argument("rows is NULL") }
        let (block, options) = (try TextBlock(texts, "texts"), try TextOptions(options))
        var collected: ExportedRows
        switch model.model {
        case .multiVector(let embedder):
            collected = ExportedRows(width: model.info.dimensions)
            try forEachSlice(of: block, model.info, progress, usage) { texts, _ in
                let found = try embedder.embedBlocking(texts, as: options.role, options: options.embed)
                for vectors in found { collected.append(vectors) }
                return found.usage
            }
        case .dense(let embedder):
            let (engine, role) = try embedder.engine(for: options.role)
            collected = ExportedRows(width: engine.info.hiddenSize)
            try forEachSlice(of: block, model.info, progress, usage) { texts, _ in
                let found = try engine.tokenVectors(texts, role: role, options.embed)
                collected.append(found)
                return found.usage
            }
        default: throw CallError.kind(model.info, is: "a vector for each token")
        }
        rows.pointee = try collected.exported()
    }
}

/// Runs a call's texts slice by slice and adds up what they take.
func forEachSlice(
    of block: TextBlock, _ info: ModelInfo, _ progress: UnsafePointer<martlet_progress>?,
    _ usage: UnsafeMutablePointer<martlet_usage>?,
    _ body: (_ texts: [String], _ range: Range<Int>) throws -> Usage
) throws {
    let progress = Progress(progress)
    let sum = UsageSum(usage, count: block.count)
    for range in Slices(of: block, threads: info.threads) {
        let texts = try block.texts(range)
        do {
            sum.add(try body(texts, range), countingFrom: range.lowerBound)
        } catch {
            throw CallError(error, countingFrom: range.lowerBound)
        }
        try progress.check(range.upperBound, of: block.count)
    }
}

extension TextOptions {
    /// Numbers of a vector. A number of dimensions that the model does not allow is its error, not that of
    /// the caller's memory.
    func width(of info: ModelInfo) throws(CallError) -> Int {
        // Several poolings are joined; another choice gives one.
        let joined = embed.pooling == .native ? 1 : max(1, info.pooling.count)
        let most = max(info.dimensions, info.mostDimensions) / joined
        guard let dimensions = embed.dimensions else { return min(info.dimensions, most) }
        guard (1...most).contains(dimensions) else {
            throw .option(
                "option \"dimensions\" is \(dimensions); the model's vectors have \(most), so expected 1 to \(most)"
            )
        }
        return dimensions
    }
}

extension CallError {
    /// The model does something else than the call asks for.
    static func kind(_ info: ModelInfo, is wanted: String) -> CallError {
        CallError(
            .invalidModel, "unsupported_model",
            "\(info.name) is a model of the kind \(info.kind.rawValue); the call needs \(wanted)",
            file: info.path.isEmpty ? nil : info.path)
    }
}
