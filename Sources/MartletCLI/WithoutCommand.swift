#if !Command

internal import MartletSystem

/// What the executable is without the trait `Command`: it says how to build the command.
@main
enum WithoutCommand {
    static func main() {
        let message = """
            martlet: this build has no command line; add the trait Command, as in
              swift run -c release --traits Command martlet embed "How do I cook pasta?"
              swift build -c release --enable-all-traits --product martlet      # with pull and serve

            """
        _ = message.withCString { write(STDERR_FILENO, $0, message.utf8.count) }
        exit(2)
    }
}

#endif
