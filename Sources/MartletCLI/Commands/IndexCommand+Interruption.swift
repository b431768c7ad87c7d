#if Command

import Dispatch
import Synchronization

extension IndexCommand {
    /// What an interruption has to end.
    private struct Running {
        let output: String
        let isQuiet: Bool
        var isEnded = false
    }

    private static let running = Mutex<Running?>(nil)
    /// Is signalled when the run has committed what it had.
    private static let ended = DispatchSemaphore(value: 0)

    static func begin(_ output: String, isQuiet: Bool) {
        running.withLock { $0 = Running(output: output, isQuiet: isQuiet) }
    }

    static func isEnded() -> Bool { running.withLock { $0?.isEnded ?? false } }

    /// For a run that has committed what it had: who interrupts it ends the process.
    static func waitForTheEnd() async {
        ended.signal()
        while true { try? await Task.sleep(for: .seconds(3600)) }
    }

    /// Commits what is embedded. Gives up after two seconds: a batch of a large model takes longer, and what was
    /// committed before is safe.
    static func interrupted(_ status: ExitStatus) -> Never {
        let found = running.withLock { run in
            run?.isEnded = true
            return run
        }
        guard let run = found else { System.exitNow(status) }
        let isWhole = ended.wait(timeout: .now() + 2) == .success
        if !run.isQuiet {
            Console.note(
                "interrupted: what was \(isWhole ? "embedded" : "committed before") is in \(run.output); "
                    + "the same command goes on after it")
        }
        System.exitNow(status)
    }
}

#endif
