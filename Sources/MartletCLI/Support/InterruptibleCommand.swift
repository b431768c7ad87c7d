#if Command

import ArgumentParser

/// An async command that has something to do when it is interrupted. Signals must be blocked before the first
/// thread starts, so it is not the command that asks for them.
protocol InterruptibleCommand: AsyncParsableCommand {
    static func interrupted(_ status: ExitStatus) -> Never
}

#endif
