#if Server

internal import Martlet

extension EmbedService {
    /// Texts whose sparse vectors are computed before their sizes are looked at.
    private static let sparsePart = 256

    /// Sparse vectors of texts.
    func sparseRows(_ request: EmbedRequest, _ call: Call) async throws -> [SparseEmbedding] {
        try await store.withModel(request.model, for: .sparse) { model in
            let head = try model.requireSparseReader()
            let prepared = try await call.offloaded(bytes: request.batch.bytes) { () throws(ServiceError) in
                try model.prepared(request, head)
            }
            var known: [Int: SparseEmbedding] = [:]
            var inputs = TokenizedInputs()
            var places: [Int] = []
            for (index, text) in prepared.enumerated() {
                switch text {
                case .row(let row, _, let isTruncated):
                    known[index] = row
                    if isTruncated { inputs.truncated.append((index, 0)) }
                case .tokens(let tokens):
                    if tokens.total > tokens.ids.count { inputs.truncated.append((index, tokens.total)) }
                    inputs.texts.append(tokens)
                    places.append(index)
                }
            }
            try add(numbers: known.values.reduce(0) { $0 + $1.count * 2 }, request.parameter, call)
            var call = call
            call.isInParts = places.count > Self.sparsePart
            // For one of several requests of a body there is room already.
            let reserves = call.isInParts && call.instances == 1
            if reserves { try reserve(places.count, call) }
            defer { if reserves { queue.release(call.admission) } }
            // How many weights a text has is known when it has them: a part of the texts at a time, until
            // there are too many.
            for start in stride(from: 0, to: max(1, places.count), by: Self.sparsePart) {
                let part = start..<min(start + Self.sparsePart, places.count)
                var given = TokenizedInputs(texts: Array(inputs.texts[part]))
                if start == 0 { given.truncated = inputs.truncated }
                let texts = given
                let batch = Batch(bytes: start == 0 ? request.batch.bytes : 0, parameter: request.parameter)
                let outcome = try await rows(
                    batch, { texts }, .sparse, on: model, call, places: Array(places[part])
                ) { _ in 0 }
                var numbers = 0
                for (place, row) in zip(places[part], outcome.rows) {
                    known[place] = row
                    numbers += row.count * 2
                }
                try add(numbers: numbers, request.parameter, call)
            }
            return prepared.indices.compactMap { known[$0] }
        }
    }
}

extension ServedModel {
    fileprivate func prepared(_ request: EmbedRequest, _ reader: any SparseReader) throws(ServiceError)
        -> [SparseText]
    {
        var texts: [SparseText] = []
        for (index, input) in request.inputs.enumerated() {
            let text = try string(of: input, index, request.parameter)
            do throws(MartletError) {
                texts.append(try reader.prepare(text, request.role, request.options))
            } catch {
                throw Self.named(error, index, request.parameter)
            }
        }
        return texts
    }
}

#endif
