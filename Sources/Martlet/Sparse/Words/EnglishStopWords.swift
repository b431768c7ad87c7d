/// Words that say little of a text: those of NLTK's English list that have no apostrophe, which fastembed
/// leaves out of BM25 and BM42.
enum EnglishStopWords {
    static let all = Set(
        [
            // Pronouns and articles
            "i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it its itself",
            "they them their theirs themselves what which who whom this that these those a an the",
            // Verbs that help others
            "am is are was were be been being have has had having do does did doing can will should",
            // Conjunctions and prepositions
            "and but if or because as until while of at by for with about against between into through during before after above below to",
            "from up down in out on off over under than",
            // Adverbs and quantities
            "again further then once here there when where why how all any both each few more most other some such no nor not only own same",
            "so too very just now",
            // What is left of a contraction where its apostrophe splits it
            "s t d ll m o re ve y don ain aren couldn didn doesn hadn hasn haven isn ma mightn mustn needn shan shouldn wasn weren won wouldn",
        ].flatMap { $0.split(separator: " ").map(String.init) })
}
