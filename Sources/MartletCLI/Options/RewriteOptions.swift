#if Command

import ArgumentParser
import MartletHTTP
import MartletProviders

/// A chat model that gives the question in other words.
struct RewriteOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Have a chat model write the question in other words, and search by all of them: the base of an endpoint of OpenAI's form, such as http://localhost:11434/v1.",
            valueName: "url"))
    var rewrite: String?

    @Option(help: ArgumentHelp("The chat model of --rewrite.", valueName: "name"))
    var rewriteModel: String?

    /// The variable that holds the endpoint's key.
    static let keyVariable = "MARTLET_REWRITE_KEY"

    func validate() throws {
        if (rewrite == nil) != (rewriteModel == nil) {
            throw CommandError.usage("--rewrite takes an endpoint and --rewrite-model its model; give both")
        }
    }

    /// Other wordings of a question; none if nobody asked for them.
    func wordings(of question: String) async throws -> [String] {
        guard let rewrite, let rewriteModel else { return [] }
        #if Hub
        let rewriter = QueryRewriter(
            address: rewrite, model: rewriteModel, key: System.setting(Self.keyVariable),
            transport: NetworkTransport())
        return try await rewriter.wordings(of: question)
        #else
        throw CommandError.missing("endpoints of chat models", trait: "Hub")
        #endif
    }
}

#endif
