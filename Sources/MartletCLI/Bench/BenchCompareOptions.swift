#if Command

import ArgumentParser
import Martlet
import MartletHTTP
import MartletProviders

/// Models of providers that are measured beside the local one.
struct BenchCompareOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Measure models of providers on the texts of -f, too, such as openai:text-embedding-3-small,ollama:nomic-embed-text.",
            valueName: "models"))
    var compare: String?

    @Option(
        help: ArgumentHelp(
            "What a million tokens of a model cost, as openai:text-embedding-3-small=0.02. Can be given several times.",
            valueName: "model=n"))
    var price: [String] = []

    @OptionGroup var remote: RemoteOptions

    var models: [String] { compare?.split(separator: ",").map(String.init) ?? [] }

    func validate() throws {
        _ = try prices()
        if compare == nil {
            if !price.isEmpty { throw CommandError.usage("--price is for --compare") }
            _ = try remote.named(nil, by: "--compare")
        }
        for model in models where try remote.named(model, by: "--compare") == nil {
            let names = Provider.all.map { "\($0.name):NAME" }.joined(separator: ", ")
            throw CommandError.usage("--compare \(model): expected one of \(names)")
        }
        if remote.baseUrl != nil, models.count > 1 {
            throw CommandError.usage(
                "--base-url is the address of one model; compare one, or use the environment")
        }
    }

    /// By the model's name.
    func prices() throws -> [String: Double] {
        var prices: [String: Double] = [:]
        for text in price {
            guard let sign = text.lastIndex(of: "="), let value = Double(text[text.index(after: sign)...]),
                value.isFinite, value >= 0, models.contains(String(text[..<sign]))
            else {
                throw CommandError.usage(
                    "--price \(text): expected a model of --compare and a number, as openai:NAME=0.02")
            }
            prices[String(text[..<sign])] = value
        }
        return prices
    }

    #if Hub
    func open(_ name: String) async throws -> RemoteModel {
        guard let named = try remote.named(name, by: "--compare") else {
            throw CommandError.usage("--compare \(name)")
        }
        return try await RemoteModel.open(
            named.provider, model: named.model, settings: try remote.settings(named.provider),
            transport: NetworkTransport())
    }
    #else
    func open(_ name: String) async throws -> RemoteModel {
        throw CommandError.missing("models of providers", trait: "Hub")
    }
    #endif
}

#endif
