internal import CMartletKernels
internal import MartletSystem
import Synchronization

/// The threads of a pool in one process.
final class WorkerCrew: Sendable {
    let threads: [POSIXThread]
    let plan: ThreadPlan
    private let process = getpid()
    private let state: WorkerState
    let line = TurnLine()

    init(width: Int) {
        // One thread needs no plan, and what the system says of processors takes a while to read.
        let plan = ThreadPlan(width == 1 ? CoreTopology(alike: 1) : .current, width: width)
        let state = WorkerState(team: plan.team)
        self.state = state
        self.plan = plan
        // A thread that the system refuses is done without.
        threads = (1..<width).compactMap { worker in
            try? POSIXThread {
                if worker < plan.masks.count { POSIXThread.stay(on: plan.masks[worker]) }
                state.serve(worker)
            }
        }
    }

    var largestTeam: Int { min(threads.count + 1, plan.team) }

    var isOfThisProcess: Bool { process == getpid() }
    func retained() -> UnsafeRawPointer { UnsafeRawPointer(Unmanaged.passRetained(self).toOpaque()) }
    func release() { Unmanaged.passUnretained(self).release() }

    /// Ends the threads. No job may be running.
    func stop() {
        state.stop()
        for thread in threads { thread.join() }
    }

    func run(
        _ count: Int, _ lane: Lane, _ whenAsked: (@Sendable () -> Void)?,
        _ body: (_ index: Int, _ worker: Int) -> Void
    ) {
        var first = 0
        repeat {
            line.take(lane, whenAsked: whenAsked)
            first = part(from: first, count, mayYield: lane == .bulk, body)
            line.giveBack()
        } while first < count
    }

    func withTeam<Result>(of size: Int, _ body: (Team?) -> Result) -> Result {
        line.take(.interactive, whenAsked: nil)
        defer { line.giveBack() }
        guard let team = state.team(of: min(size, largestTeam)) else { return body(nil) }
        defer { state.end(team) }
        return body(team)
    }

    /// Calls `body` for indices from `first` on, all or until an interactive job waits.
    /// - Returns: The first index that is left, `count` if none is.
    private func part(
        from first: Int, _ count: Int, mayYield: Bool, _ body: (_ index: Int, _ worker: Int) -> Void
    ) -> Int {
        // A turn is worth its start: each thread takes an index at least.
        let least = first + threads.count + 1
        let goesOn = { (index: Int) in !(mayYield && index >= least && self.line.isInteractiveWaiting) }
        if threads.isEmpty || count - first <= 1 {
            for index in first..<count {
                guard goesOn(index) else { return index }
                body(index, 0)
            }
            return count
        }
        return withoutActuallyEscaping(body) { body in
            state.perform(
                WorkerState.Job(
                    first: first, count: count, least: mayYield ? least : .max, line: line, body: body),
                helpers: min(threads.count, count - first - 1), wakesAll: count - first > threads.count)
        }
    }
}
