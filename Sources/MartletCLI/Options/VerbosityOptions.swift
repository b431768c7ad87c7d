#if Command

import ArgumentParser

struct VerbosityOptions: ParsableArguments {
    @Flag(name: [.short, .long], help: "No warnings, no progress, no summary; errors only.")
    var quiet = false

    @Flag(name: [.short, .long], help: "Say what is loaded and what was done, also without a terminal.")
    var verbose = false

    func validate() throws {
        if quiet, verbose {
            throw CommandError.usage("--quiet and --verbose contradict each other; give one")
        }
    }
}

#endif
