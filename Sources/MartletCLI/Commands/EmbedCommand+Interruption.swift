#if Command

import Dispatch
import MartletData
import Synchronization

extension EmbedCommand {
    /// What an interruption has to end.
    struct Running {
        let writer: SinkWriter
        let output: String?
        let showsBar: Bool
        let isQuiet: Bool
        /// What keeps the position in the input with the rows: a log or a database; nil: nothing does.
        let keeper: String?
        var isInterrupted = false
    }

    static let running = Mutex<Running?>(nil)

    /// An interruption may have kept rows from the log, so the output must not be made of it.
    static func stopIfInterrupted() throws(CancellationError) {
        if running.withLock({ $0?.isInterrupted ?? false }) { throw CancellationError() }
    }

    /// Ends the output with whole rows; a job commits what is computed. Gives up after two seconds: the
    /// writing thread may be stuck in a pipe that nobody reads.
    static func interrupted(_ status: ExitStatus) -> Never {
        let found = running.withLock { run in
            run?.isInterrupted = true
            return run
        }
        guard let run = found else { System.exitNow(status) }
        let ended = DispatchSemaphore(value: 0)
        Task {
            if run.keeper == nil { try? await run.writer.interrupt() } else { try? await run.writer.finish() }
            ended.signal()
        }
        let isWhole = ended.wait(timeout: .now() + 2) == .success
        if run.showsBar { Console.write("\r\u{1B}[K") }
        if !run.isQuiet {
            if let keeper = run.keeper {
                Console.note(
                    "interrupted: what was \(isWhole ? "embedded" : "committed before") is in \(keeper); "
                        + "the same command goes on after it")
            } else if isWhole, let output = run.output {
                Console.note(interruption(run.writer.progress, output))
            }
        }
        System.exitNow(status)
    }

    /// How much was written, and where to go on.
    private static func interruption(_ progress: SinkWriter.Progress, _ output: String) -> String {
        guard let last = progress.lastPlace else {
            return "interrupted before the first row; run the command again"
        }
        return
            "interrupted: \(output) holds \(Format.count(progress.rows, "row")), the last of \(last); to go on, give the records after it, "
            + "and another file with -o; with --resume the same command goes on by itself"
    }
}

#endif
