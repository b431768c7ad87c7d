internal import MartletCompute
internal import MartletModels

extension Engine {
    /// The most threads that share the work on one text: with more, the steps of a short text would take less
    /// than waiting for each other.
    static func largestTeam(of pool: WorkerPool) -> Int { min(pool.largestTeam, 8) }

    /// Calls `body` for all texts. Each unit of texts has a thread of its own where there are texts enough;
    /// fewer texts than threads are taken one after the other, each by a team.
    /// - Parameter lengths: Tokens of each text.
    func shareOut(
        _ lengths: [Int], _ body: (_ unit: ArraySlice<Int>, _ worker: Worker, _ team: Team?) -> Void
    ) {
        let team = Engine.largestTeam(of: pool)
        if lengths.count >= team {
            let units = planner.plan(lengths: lengths)
            let lane: Lane = units.count <= pool.width ? .interactive : .bulk
            pool.run(units.count, lane: lane) { unit, worker in body(units[unit], workers[worker], nil) }
        } else {
            let texts = Array(lengths.indices)
            for text in texts {
                pool.withTeam(of: team) { team in body(texts[text...text], workers[0], team) }
            }
        }
    }

    /// Runs the encoder over all texts, on all threads.
    /// - Parameters:
    ///   - context: What precedes every text.
    ///   - finish: Called on any thread with the texts of a unit, the worker that ran it and what the
    ///     reduction kept; calls for different units run at the same time.
    func forward(
        _ tokens: TokenizedTexts, after context: ContextRows? = nil, reduction: Reduction,
        finish: (_ unit: ArraySlice<Int>, _ worker: Worker, _ encoded: EncodedUnit) -> Void
    ) {
        let lengths = contextTokens == 0 ? tokens.lengths : tokens.lengths.map { $0 + contextTokens }
        shareOut(lengths) { unit, worker, team in
            finish(
                unit, worker,
                worker.forward(unit, of: tokens, after: context, reduction: reduction, team: team))
        }
    }
}
