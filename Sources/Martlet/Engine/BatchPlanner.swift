/// Splits texts over units of work: one unit is one forward pass on one thread, and needs nothing from any
/// other unit.
///
/// Longest first, and units shrink towards the end (guided self-scheduling, Polychronopoulos and Kuck 1987):
/// threads that are not equally fast end together. No unit exceeds the token budget unless it is a single
/// text, and there are at least as many units as threads where there are texts enough.
struct BatchPlanner {
    let tokenBudget: Int
    let threads: Int

    /// Tokens below which a unit's passes over the weights cost more than an even end is worth.
    private static let leastFill = 128

    /// Indices of texts, by unit.
    func plan(lengths: [Int]) -> [ArraySlice<Int>] {
        guard !lengths.isEmpty else { return [] }
        let total = lengths.reduce(0, +)
        let units = max(1, (total + tokenBudget - 1) / tokenBudget)
        let even = (total + units - 1) / units
        let least = min(Self.leastFill, (total + threads - 1) / threads, tokenBudget)
        func fill(_ rest: Int) -> Int {
            threads == 1 ? even : min(tokenBudget, max(least, rest / (2 * threads)))
        }

        let order = lengths.indices.sorted {
            lengths[$0] != lengths[$1] ? lengths[$0] > lengths[$1] : $0 < $1
        }
        var plan: [ArraySlice<Int>] = []
        var start = 0
        var tokens = 0
        var rest = total
        var wanted = fill(rest)
        for (place, index) in order.enumerated() {
            // A unit closes where adding the text would leave it further from its fill than closing does.
            let over = tokens + lengths[index] - wanted
            // A few long texts must not leave so few short ones that a thread goes without a unit.
            let isNeeded = plan.count + 1 + order.count - place <= threads
            if start < place, isNeeded || tokens + lengths[index] > tokenBudget || over > wanted - tokens {
                plan.append(order[start..<place])
                rest -= tokens
                wanted = fill(rest)
                start = place
                tokens = 0
            }
            tokens += lengths[index]
        }
        plan.append(order[start...])
        return plan
    }
}
