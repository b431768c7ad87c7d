#if Command

import ArgumentParser
import MartletData

/// What a run costs, before and after it.
struct CostOptions: ParsableArguments {
    @Flag(help: "Count texts and tokens, tell what they cost with --price, and embed nothing.")
    var dryRun = false

    @Option(
        help: ArgumentHelp(
            "What a million tokens cost, in the currency of your bill; the cost is told at the end.",
            valueName: "n"))
    var price: Double?

    func validate() throws {
        if let price, !(price.isFinite && price >= 0) {
            throw CommandError.usage("--price \(price): expected a number from 0")
        }
    }

    func cost(ofTokens tokens: Int) -> Double? { price.map { $0 * Double(tokens) / 1e6 } }

    /// What a run has cost; nil: no price was given.
    func note(_ counts: RunCounts) -> String? {
        guard let price, let cost = cost(ofTokens: counts.tokens) else { return nil }
        guard counts.tokens > 0 || counts.texts == 0 else {
            return "the provider does not say how many tokens it counted, so the cost is not known"
        }
        return "cost \(Format.money(cost)): \(Format.count(counts.tokens, "token")) at \(price) a million"
    }
}

#endif
