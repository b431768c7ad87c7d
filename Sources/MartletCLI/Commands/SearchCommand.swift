#if Command

import ArgumentParser
import Martlet
import MartletIndex
import MartletJSON

extension SearchRequest.Mode: ExpressibleByArgument {}
extension SearchRequest.Fusion: ExpressibleByArgument {}

struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Find the records of a collection that answer a question.",
        discussion: """
            Vectors and words are both searched, and their hits fused. A filter compares fields: = != < <= > >= in contains exists, and, or, \
            not. The key of --rewrite's endpoint, if it takes one, is read from MARTLET_REWRITE_KEY.

            EXAMPLES
              martlet search notes.martlet "how do I cook pasta"
              martlet search notes.martlet --json --top 20 \\
                  --filter 'year >= 2024 and tag = "food"' "how do I cook pasta"
              martlet search notes.martlet --rerank ms-marco-MiniLM-L6-v2 \\
                  --rerank-budget 200 "how do I cook pasta"
              martlet search answers.martlet --add-missing --threshold 0.9 \\
                  "What is the capital of France?"
            """)

    @Argument(help: "The collection's folder.", completion: .file())
    var collection: String

    @Argument(help: "The question.")
    var question: String

    @Option(help: ArgumentHelp("The most hits.", valueName: "n"))
    var top = 10

    @Option(help: "What is searched: hybrid (both), vectors or words.")
    var by: SearchRequest.Mode = .hybrid

    @Option(help: "How both lists become one: by their scores, or by ranks alone.")
    var fusion: SearchRequest.Fusion = .scores

    @Option(
        help: ArgumentHelp(
            "Condition on fields, such as 'year >= 2024 and tag = \"food\"'.", valueName: "condition"))
    var filter: String?

    @Option(
        help: ArgumentHelp("The question in other words; may be given several times.", valueName: "question"))
    var also: [String] = []

    @Option(help: ArgumentHelp("At most one hit for each value of this field.", valueName: "field"))
    var group: String?

    @Option(help: ArgumentHelp("From 0 to 1: the larger, the less alike the hits are.", valueName: "share"))
    var diversity: Float = 0

    @Flag(
        help: "Compare the question with all vectors, not only with candidates found by one bit a dimension.")
    var exact = false

    @Option(
        help: ArgumentHelp(
            "Scan only this many lists of near vectors, in a collection that collection optimize has ordered.",
            valueName: "n"))
    var probes: Int?

    @Flag(help: "Add the question to the collection if nothing has at least the similarity of --threshold.")
    var addMissing = false

    @Option(help: ArgumentHelp("The least cosine of a hit by vectors.", valueName: "cosine"))
    var threshold: Float?

    @Flag(help: "One JSON object a line.")
    var json = false

    @OptionGroup(title: "Words") var words: WordOptions
    @OptionGroup(title: "Other wordings") var rewriting: RewriteOptions
    @OptionGroup(title: "Reranking") var reranking: SearchRerankOptions
    @OptionGroup(title: "Model") var model: ModelOptions<Pooling>

    func validate() throws {
        if addMissing, threshold == nil {
            throw CommandError.usage("--add-missing needs --threshold, such as 0.9")
        }
        let changesQuestion = !also.isEmpty || rewriting.rewrite != nil || reranking.rerank != nil
        if addMissing, by == .words || filter != nil || changesQuestion {
            throw CommandError.usage(
                "--add-missing goes by the question's vector alone; drop --by words, --also, --rewrite, --rerank and --filter"
            )
        }
        if threshold != nil, !addMissing, by != .vectors {
            throw CommandError.usage("--threshold is a cosine: add --by vectors, or --add-missing")
        }
        if fusion != .scores, by != .hybrid {
            throw CommandError.usage(
                "--fusion makes one list of two, and --by \(by.rawValue) gives one; drop it")
        }
        let hasModel = model.model != nil || model.pooling != .native || model.task != nil
        let useless: [(name: String, isGiven: Bool)] =
            if addMissing {
                [
                    ("--group", group != nil), ("--probes", probes != nil), ("--exact", exact),
                    ("--diversity", diversity != 0),
                ]
            } else if by == .words {
                [
                    ("--exact", exact), ("--probes", probes != nil),
                    ("--model, --pooling and --task", hasModel),
                ]
            } else if by == .vectors {
                [("--words", words.words != nil), ("--probes", exact && probes != nil)]
            } else {
                [("--probes", exact && probes != nil)]
            }
        if let option = useless.first(where: \.isGiven) {
            let isOfScans = option.name == "--probes" && by != .words
            let way = addMissing ? "--add-missing" : isOfScans ? "--exact" : "--by \(by.rawValue)"
            throw CommandError.usage("\(option.name): of no use with \(way); drop it")
        }
    }

    func run() async throws {
        let filter = try filter.map { try Filter($0) }
        let collection = try SearchCollection(opening: collection)
        if addMissing, let threshold { return try queryThrough(collection, threshold) }
        let wordings = try await rewriting.wordings(of: question)
        if !wordings.isEmpty {
            Console.note("searched too: \(wordings.map(\.quotedForMessage).joined(separator: ", "))")
        }
        let questions = [question] + also + wordings
        var vectors: [[Float]?] = questions.map { _ in nil }
        var identity: CollectionIdentity?
        if by != .words {
            let embedder = try model.load()
            identity = CollectionIdentity(embedder.identity)
            // A job may have kept the first dimensions alone.
            let dimensions = collection.settings.dimensions
            let options = EmbedOptions(dimensions: dimensions < embedder.model.dimensions ? dimensions : nil)
            vectors = try await embedder.embed(questions, as: .query, options: options).map(\.values)
        }
        let sparse = by == .vectors ? nil : try words.load(model, for: collection.settings, self.collection)
        let weights = try await sparse?.embed(questions, as: .query)
        let reranking = reranking.reranking
        var request = SearchRequest(
            questions: questions.indices.map {
                SearchRequest.Question(
                    text: weights == nil ? questions[$0] : nil, vector: vectors[$0], sparse: weights?[$0])
            },
            count: max(top, reranking?.count ?? 0), mode: by, fusion: fusion,
            filter: filter, isExact: exact, group: group, diversity: diversity, identity: identity)
        request.probes = probes
        request.threshold = threshold
        var hits = try collection.search(request)
        if let reranking, !hits.isEmpty {
            hits = try await reranked(hits, reranking)
        }
        try write(Array(hits.prefix(top)))
    }

    private func reranked(_ hits: [Hit], _ reranking: HitReranking) async throws -> [Hit] {
        let found = try await reranking.reranked(hits, for: question, by: self.reranking.load(model))
        let read = found.count { $0.rerankScore != nil }
        let wanted = min(reranking.count, hits.count)
        if read < wanted {
            Console.note("\(read) of \(wanted) hits were read in the time of --rerank-budget")
        }
        return found
    }

    private func queryThrough(_ collection: SearchCollection, _ threshold: Float) throws {
        let embedder = try model.load()
        let vector = try embedder.embedBlocking([question], as: .query)[0].values
        let weights = try words.load(model, for: collection.settings, self.collection)?
            .embedBlocking([question], as: .document)
        let answer = try collection.writer().query(
            question, vector: vector, sparse: weights?.first, threshold: threshold,
            identity: CollectionIdentity(embedder.identity),
            count: top)
        if let added = answer.added {
            Console.note("nothing has a similarity of \(threshold) or more; added as \(added)")
        }
        try write(answer.hits)
    }

    private func write(_ hits: [Hit]) throws {
        let format = HitFormat(isJSON: json, width: Terminals.current.output ? System.terminalWidth(1) : nil)
        try StandardOutput.write(hits.flatMap { format.line($0) })
    }
}

#endif
