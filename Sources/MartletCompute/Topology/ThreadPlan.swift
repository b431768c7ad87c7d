/// Where the threads of a pool run.
///
/// Cores are taken before their second hardware threads, those of one node of memory before the next node's, and
/// the fast ones of a node before its slow ones. Threads that work on separate texts take text after text, so
/// that a slow core does less. A team waits for its slowest member: only the fast cores of the first node are in
/// a pool's own, each with one thread.
package struct ThreadPlan: Sendable, Equatable {
    /// For each thread its processor; more threads than processors begin again.
    package let processors: [Int]
    /// For each thread the processors that it is kept on: those of its node and kind. Empty where all are of
    /// one node and kind, and the system may choose.
    package let masks: [[Int]]
    /// The first threads, which are on fast cores of one node. At least one.
    package let team: Int

    package init(_ topology: CoreTopology, width: Int) {
        var threadsOfCore: [Int: Int] = [:]
        let ranked = topology.processors.sorted { $0.number < $1.number }.map { processor in
            threadsOfCore[processor.core, default: 0] += 1
            return (processor, sibling: threadsOfCore[processor.core] ?? 1)
        }
        // The node with the most fast cores first, so that one team has them.
        var cores: [Int: Int] = [:]
        for (processor, sibling) in ranked where processor.isFast && sibling == 1 {
            cores[processor.node, default: 0] += 1
        }
        func before(_ a: Int, _ b: Int) -> Bool {
            let (first, second) = (cores[a] ?? 0, cores[b] ?? 0)
            return first != second ? first > second : a < b
        }
        let order = ranked.sorted { a, b in
            if a.sibling != b.sibling { return a.sibling < b.sibling }
            if a.0.node != b.0.node { return before(a.0.node, b.0.node) }
            if a.0.isFast != b.0.isFast { return a.0.isFast }
            return a.0.number < b.0.number
        }
        guard let leader = order.first else {
            (processors, masks, team) = ([], [], max(1, width))
            return
        }
        let chosen = (0..<max(1, width)).map { order[$0 % order.count] }
        processors = chosen.map(\.0.number)
        func isAlike(_ a: CoreTopology.Processor, _ b: CoreTopology.Processor) -> Bool {
            a.node == b.node && a.isFast == b.isFast
        }
        let isMixed = order.contains { !isAlike($0.0, leader.0) }
        masks =
            isMixed
            ? chosen.map { thread in order.filter { isAlike($0.0, thread.0) }.map(\.0.number).sorted() } : []
        // More threads than processors are wanted by the caller, who knows why.
        let fits = chosen.prefix(order.count).prefix { $0.sibling == 1 && isAlike($0.0, leader.0) }.count
        team = width > order.count && fits == order.count ? width : max(1, fits)
    }
}
