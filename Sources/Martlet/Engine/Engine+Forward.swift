internal import MartletCompute
internal import MartletModels

extension Engine {
    /// The most threads that share the work on one text: with more, the steps of a short text would take less than waiting for each other.
    static func largestTeam(of pool: WorkerPool) -> Int { min(pool.largestTeam, 8) }

    /// Runs the encoder over all texts, on all threads. Each unit of texts has a thread of its own where there are texts enough; fewer
    /// texts than threads are taken one after the other, by a team.
    /// - Parameter finish: Called on any thread with the texts of a unit and the worker that holds their hidden states; calls for different
    ///   units run at the same time.
    func forward(_ tokens: TokenizedTexts, finish: (_ unit: ArraySlice<Int>, _ worker: Worker) -> Void) {
        let (budget, size) = (planner.tokenBudget, Engine.largestTeam(of: pool))
        if tokens.lengths.count >= size {
            let units = planner.plan(lengths: tokens.lengths)
            pool.run(units.count) { unit, worker in
                let worker = workers[worker]
                worker.forward(units[unit], tokens, encoder, budget: budget, maxTokens: maxTokens)
                finish(units[unit], worker)
            }
        } else {
            let texts = Array(tokens.lengths.indices)
            for text in texts {
                pool.runTeam(size) { member in
                    let worker = workers[0]
                    worker.forward(texts[text...text], tokens, encoder, budget: budget, maxTokens: maxTokens, member)
                    if member.leads { finish(texts[text...text], worker) }
                }
            }
        }
    }
}
