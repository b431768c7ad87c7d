/// Splits texts over units of work: one unit is one forward pass on one thread, and needs nothing from any other unit.
///
/// Longest first, so that the short ones fill the gaps at the end. No unit exceeds the token budget unless it is a single
/// text, and there are at least as many units as threads where there are texts enough.
struct BatchPlanner {
    let tokenBudget: Int
    let threads: Int

    /// Indices of texts, by unit.
    func plan(lengths: [Int]) -> [ArraySlice<Int>] {
        guard !lengths.isEmpty else { return [] }
        let total = lengths.reduce(0, +)
        // A round number of units for each thread, evenly filled.
        let fewest = max(1, (total + tokenBudget - 1) / tokenBudget)
        let units = min(lengths.count, (fewest + threads - 1) / threads * threads)
        let fill = min(tokenBudget, (total + units - 1) / units)

        let order = lengths.indices.sorted { lengths[$0] != lengths[$1] ? lengths[$0] > lengths[$1] : $0 < $1 }
        var plan: [ArraySlice<Int>] = []
        plan.reserveCapacity(units + threads)
        var start = 0
        var tokens = 0
        for (place, index) in order.enumerated() {
            // A unit closes where adding the text would leave it further from its fill than closing does.
            let over = tokens + lengths[index] - fill
            // A few long texts must not leave so few short ones that a thread goes without a unit.
            let isNeeded = plan.count + 1 + order.count - place <= threads
            if start < place, isNeeded || tokens + lengths[index] > tokenBudget || over > fill - tokens {
                plan.append(order[start..<place])
                start = place
                tokens = 0
            }
            tokens += lengths[index]
        }
        plan.append(order[start...])
        return plan
    }
}
