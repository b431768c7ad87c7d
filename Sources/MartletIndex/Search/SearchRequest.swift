public import Martlet

/// One search.
public struct SearchRequest: Sendable {
    /// What the search goes by.
    public enum Mode: String, Sendable, Hashable, CaseIterable {
        /// Both, fused; the one that the questions have if they have no other.
        case hybrid
        case vectors
        case words
    }

    /// How lists of hits become one.
    public enum Fusion: String, Sendable, Hashable, CaseIterable {
        /// The mean of the scores, each list's scaled so that its candidates reach from 0 to 1; all are 1 where they
        /// are equal.
        case scores
        /// The sum of 1 / (60 + rank) (Cormack, Clarke, Büttcher: Reciprocal rank fusion, SIGIR 2009).
        case ranks
    }

    /// A question by its words, its vector, or both.
    public struct Question: Sendable {
        /// Searched by words.
        public var text: String?
        /// Searched by vectors.
        public var vector: [Float]?
        /// Searched by words, in place of the text, where a model weighs them.
        public var sparse: SparseEmbedding?

        /// A question by words, by its vector, or by both.
        public init(text: String? = nil, vector: [Float]? = nil, sparse: SparseEmbedding? = nil) {
            self.text = text
            self.vector = vector
            self.sparse = sparse
        }
    }

    /// Several questions are searched in one pass, and their lists are fused.
    public var questions: [Question]
    /// Hits wanted at most.
    public var count: Int
    /// Whether vectors, words or both are searched.
    public var mode: Mode
    /// How both lists become one.
    public var fusion: Fusion
    /// Which records may be found; nil: all.
    public var filter: Filter?
    /// Whether all vectors are compared, in place of estimates and the candidates that they find.
    public var isExact: Bool
    /// Candidates whose vectors are compared; nil: 350, or 35 for each hit if that is more.
    public var candidates: Int?
    /// Lists of each segment that are scanned, in a collection that was optimized; nil: all rows are. What is
    /// in no list is scanned all the same.
    public var probes: Int?
    /// Threads that share the scan; nil: one, and two from a million records on, or from 300,000 comparisons of
    /// several questions.
    public var threads: Int?
    /// The least similarity of a row in the list of a question's vector; nil: any. Of several questions, one
    /// has to be that near.
    public var threshold: Float?
    /// At most one hit for each value of this field; a record without it stands for itself. Looked for among
    /// the best 65,536 records of each list.
    public var group: String?
    /// From 0 to 1: how much hits are kept from being alike, by maximal marginal relevance (Carbonell,
    /// Goldstein, SIGIR 1998). Each of at most 1,000 hits is compared with five times as many.
    public var diversity: Float
    /// The model of the vectors; nil if it was checked before.
    public var identity: CollectionIdentity?

    /// Several questions at once: the scan reads the codes once for all of them.
    public init(
        questions: [Question], count: Int = 10, mode: Mode = .hybrid, fusion: Fusion = .scores,
        filter: Filter? = nil,
        isExact: Bool = false, candidates: Int? = nil, group: String? = nil, diversity: Float = 0,
        identity: CollectionIdentity? = nil
    ) {
        self.questions = questions
        self.count = count
        self.mode = mode
        self.fusion = fusion
        self.filter = filter
        self.isExact = isExact
        self.candidates = candidates
        self.group = group
        self.diversity = diversity
        self.identity = identity
    }

    /// A search with one question.
    public init(text: String? = nil, vector: [Float]? = nil, count: Int = 10, filter: Filter? = nil) {
        self.init(questions: [Question(text: text, vector: vector)], count: count, filter: filter)
    }

    private static let mostDiverse = 1000

    func check() throws(IndexError) {
        guard (1...10_000).contains(count) else {
            throw IndexError(.invalidOption, "a search gives 1 to 10000 hits, not \(count)")
        }
        guard (1...64).contains(questions.count) else {
            throw IndexError(.invalidOption, "a search has 1 to 64 questions, not \(questions.count)")
        }
        guard diversity >= 0, diversity <= 1 else {
            throw IndexError(.invalidOption, "diversity is \(diversity); expected 0 to 1")
        }
        guard diversity == 0 || count <= Self.mostDiverse else {
            throw IndexError(
                .invalidOption,
                "a search with diversity gives at most \(Self.mostDiverse) hits, not \(count)")
        }
        guard threshold == nil || mode == .vectors else {
            throw IndexError(
                .invalidOption, "the threshold is a similarity of vectors: search by vectors alone")
        }
        if let probes, !(1...65536).contains(probes) {
            throw IndexError(.invalidOption, "a search scans 1 to 65536 lists, not \(probes)")
        }
        if let threads, !(1...64).contains(threads) {
            throw IndexError(.invalidOption, "a search has 1 to 64 threads, not \(threads)")
        }
        if let candidates, !(1...1_000_000).contains(candidates) {
            throw IndexError(.invalidOption, "a search compares 1 to 1000000 candidates, not \(candidates)")
        }
    }
}
