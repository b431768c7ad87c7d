internal import Martlet

extension Snapshot {
    /// The records that answer best, the best first.
    ///
    /// It computes on the calling thread; above a million rows a second one takes half of the scan. A hundred
    /// thousand vectors of 384 dimensions take about a tenth of a millisecond.
    /// - Throws: ``IndexError`` for a request or a filter that contradicts the collection, and for damaged
    ///   files.
    public func search(_ request: SearchRequest) throws(IndexError) -> [Hit] {
        try request.check()
        if let identity = request.identity, identity != settings.identity {
            throw .identityMismatch(
                identity, settings.identity, path: parts.first?.segment.file.path ?? "the collection")
        }
        if request.probes != nil, listCount == 0 {
            throw IndexError(
                .invalidOption,
                "the collection has no lists to scan some of: optimize it first, or search without probes")
        }
        if let group = request.group, fields.types[group] == nil {
            throw IndexError(.invalidOption, "no record has the field \"\(group)\" that hits are grouped by")
        }
        var vectors: [[Float]] = []
        var texts: [Words] = []
        for (index, question) in request.questions.enumerated() {
            if request.mode != .words, let vector = question.vector {
                vectors.append(
                    try StoredRow.prepared(
                        vector, settings: settings, of: "question \(index)", position: index))
            }
            if request.mode != .vectors {
                if let words = try words(of: question, index) { texts.append(words) }
            }
        }
        guard !vectors.isEmpty || !texts.isEmpty else {
            throw IndexError(
                .invalidOption, "the search has no \(request.mode == .words ? "text" : "vector") to go by")
        }
        guard count > 0 else { return [] }
        let masks = try Masks(self, request.filter)
        let isOnlyList = vectors.count + texts.count == 1
        // Grouping and diversity choose among more hits than are wanted.
        let isChoosy = request.group != nil || request.diversity > 0
        var wanted = isChoosy ? max(100, request.count * 5) : request.count
        while true {
            let depth = isOnlyList ? wanted : max(100, wanted)
            let lists = try lists(request, vectors, texts, masks, depth: depth)
            var ranked = try Ranking(self).fused(lists, by: request.fusion, count: wanted)
            let hasMore = ranked.count == wanted && wanted < min(count, Self.deepestGroup)
            if let group = request.group { ranked = try grouped(ranked, by: group) }
            if request.group == nil || ranked.count >= request.count || !hasMore {
                if request.diversity > 0 {
                    ranked = Array(ranked.prefix(max(100, request.count * 5)))
                    ranked = Diversity(of: ranked.map { vector(of: $0.row) })
                        .choose(request.count, of: ranked, by: request.diversity)
                }
                return try hits(Array(ranked.prefix(request.count)), lists)
            }
            // Many of the best are of one group: others may follow.
            wanted = min(wanted * 32, Self.deepestGroup)
        }
    }

    private static let deepestGroup = 65_536

    /// The best rows of each vector, then of each text.
    private func lists(
        _ request: SearchRequest, _ vectors: [[Float]], _ texts: [Words], _ masks: Masks, depth: Int
    ) throws(IndexError) -> [RankedList] {
        let searches = try texts.map { (text) throws(IndexError) in
            switch text {
            case .text(let text): try WordSearch(self, masks, text: text)
            case .sparse(let sparse): try WordSearch(self, masks, sparse: sparse)
            }
        }
        func byWords() throws(IndexError) -> [RankedList] {
            try searches.map { (search) throws(IndexError) in
                RankedList(kind: .words(search), rows: try search.search(count: depth))
            }
        }
        if vectors.isEmpty { return try byWords() }
        var words: Result<[RankedList], IndexError> = .success([])
        let found = VectorSearch(self, masks, threads: request.threads, probes: request.probes).search(
            vectors, count: depth, candidates: max(request.candidates ?? max(350, 35 * request.count), depth),
            isExact: request.isExact
        ) {
            words = Result { () throws(IndexError) in try byWords() }
        }
        let nearest = zip(vectors, found).map { vector, rows in
            let near = request.threshold.map { least in rows.filter { $0.score >= least } }
            return RankedList(kind: .vector(vector), rows: near ?? rows)
        }
        return try nearest + words.get()
    }

    private enum Words {
        case text(String)
        case sparse(SparseEmbedding)
    }

    /// What a question has for the search by words; nil if it has only a vector.
    private func words(of question: SearchRequest.Question, _ index: Int) throws(IndexError) -> Words? {
        guard let expected = settings.sparse else {
            guard question.sparse == nil else {
                throw IndexError(
                    .invalidOption,
                    "question \(index) has a sparse vector, and the collection's words are weighed by BM25",
                    position: index)
            }
            return question.text.map { .text($0) }
        }
        guard let sparse = question.sparse else {
            guard question.text == nil else {
                throw IndexError(
                    .invalidOption,
                    "the collection's words are weighed by \(expected.model): give the question's sparse vector, or search by vectors",
                    position: index)
            }
            return nil
        }
        if let identity = sparse.identity.map({ CollectionIdentity($0) }), identity != expected {
            throw .identityMismatch(identity, expected, path: "the collection's sparse part")
        }
        return .sparse(sparse)
    }

    private func grouped(_ rows: [ScoredRow], by field: String) throws(IndexError) -> [ScoredRow] {
        // As filters compare: an integer of a column of floats is a float, and a list without strings is none.
        guard let type = fields.types[field] else { return rows }
        var seen: Set<Set<ColumnKey>> = []
        var kept: [ScoredRow] = []
        for row in rows {
            let value = try value(of: field, row: row.row)
            let keys = Set(value.map { ColumnKey.keys(of: $0, in: type) } ?? [])
            if keys.isEmpty || seen.insert(keys).inserted { kept.append(row) }
        }
        return kept
    }

    private func value(of field: String, row: Int) throws(IndexError) -> FieldValue? {
        switch place(of: row) {
        case .segment(let part, let row): try part.segment.columns[field]?.value(ofRow: row)
        case .recent(let recent): recent.row.fields[field]
        }
    }

    func vector(of row: Int) -> [Float] {
        switch place(of: row) {
        case .segment(let part, let row): part.segment.floats(row)
        case .recent(let recent): recent.vector(settings)
        }
    }

    private func hits(_ rows: [ScoredRow], _ lists: [RankedList]) throws(IndexError) -> [Hit] {
        let vectorLists = lists.filter(\.isOfVectors)
        let wordList = lists.first { !$0.isOfVectors }
        var hits: [Hit] = []
        for row in rows {
            let (id, text, fields) = try content(of: row.row)
            let terms = try wordList?.terms(of: row.row)
            let similarities = try vectorLists.map { (list) throws(IndexError) in
                try list.scores(of: [row.row], in: self)[0]
            }
            hits.append(
                Hit(
                    id: id, text: text, fields: fields, score: row.score,
                    similarity: similarities.max(), vectorRank: vectorLists.first?.rank(of: row.row),
                    wordScore: terms.map { $0.reduce(0) { $0 + $1.score } },
                    wordRank: wordList?.rank(of: row.row), terms: terms ?? []))
        }
        return hits
    }

    /// What a row holds besides its vector.
    func content(of row: Int) throws(IndexError) -> (id: String, text: String, fields: [String: FieldValue]) {
        switch place(of: row) {
        case .segment(let part, let row): return try part.segment.content(row)
        case .recent(let recent):
            return (
                String(decoding: recent.row.id, as: UTF8.self),
                String(decoding: recent.row.text, as: UTF8.self), recent.row.fields
            )
        }
    }
}
