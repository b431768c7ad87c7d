#if Command

import ArgumentParser
import Martlet
import MartletData
import MartletJSON

enum TokenFormat: String, CaseIterable, ExpressibleByArgument { case jsonl, text }

struct TokenizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Print the tokens of texts as the model reads them, prompt and special tokens included.",
        discussion: """
            Texts are taken as embed takes them. A line of jsonl is {"ids":[…],"tokens":[…]}, with the id if the input has one, and with \
            "truncated":true where tokens were cut off.

            EXAMPLES
              martlet tokenize "unaffable cooks"
              martlet tokenize --format jsonl --no-truncate < lines.txt
            """)

    @OptionGroup(title: "Input") var input: InputOptions
    @Option(help: "Default: text on a terminal, else jsonl.")
    var format: TokenFormat?
    @Flag(help: "All tokens, also of a text that is longer than the model takes.")
    var noTruncate = false
    @OptionGroup(title: "Text") var text: TokenTextOptions
    @Option(
        name: [.short, .long], help: ArgumentHelp("\(ModelName.help)", valueName: "model"),
        completion: .file())
    var model: String?

    func validate() throws {
        if noTruncate, text.truncate != .native {
            throw CommandError.usage("--no-truncate and --truncate contradict each other; give one")
        }
    }

    func run() throws {
        let terminals = Terminals.current
        let plan = try input.plan(terminals)
        let source = plan.source()
        try source.checkFiles()
        let format = format ?? (terminals.output ? .text : .jsonl)
        let embedder = try Embedder(ModelName.source(model), configuration: ModelConfiguration(threads: 1))
        let output = Output.standardOutput()
        var reader = InputReader(source)
        while true {
            switch try reader.next(waiting: output.buffer.isEmpty) {
            case .end:
                try output.flush()
                return
            case .idle: try output.flush()
            case .record(let record):
                let tokens = try tokens(of: record, embedder) { try output.flush() }
                switch format {
                case .jsonl: Self.appendJSON(record, tokens, to: &output.buffer)
                case .text: Self.appendText(record, tokens, to: &output.buffer)
                }
                try output.endRow()
            }
        }
    }

    private func tokens(of record: Record, _ embedder: Embedder, beforeFailing: () throws -> Void) throws
        -> Tokens
    {
        let role = TextOptions.role(text.role)
        let options = EmbedOptions(truncation: text.truncate, prompt: text.prompt)
        do throws(MartletError) {
            return noTruncate
                ? try embedder.tokenizeWhole(record.text, as: role, options: options)
                : try embedder.tokenize(record.text, as: role, options: options)
        } catch {
            try beforeFailing()
            throw CommandError("\(record.place): \(error.message(calling: "the text"))")
        }
    }

    static func appendJSON(_ record: Record, _ tokens: Tokens, to buffer: inout [UInt8]) {
        buffer.append(UInt8(ascii: "{"))
        switch record.id {
        case .none: break
        case .text(let id):
            buffer += "\"id\":".utf8
            JSONText.append(id, to: &buffer)
            buffer.append(UInt8(ascii: ","))
        case .literal(let id): buffer += "\"id\":\(id),".utf8
        }
        buffer += "\"ids\":[".utf8
        for (index, id) in tokens.ids.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            JSONText.append(id, to: &buffer)
        }
        buffer += "],\"tokens\":[".utf8
        for (index, token) in tokens.tokens.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            JSONText.append(token, to: &buffer)
        }
        buffer += (tokens.isTruncated ? "],\"truncated\":true}\n" : "]}\n").utf8
    }

    static func appendText(_ record: Record, _ tokens: Tokens, to buffer: inout [UInt8]) {
        var text = "\(Format.excerpt(record.text, width: 72))  \(Format.count(tokens.ids.count, "token"))"
        if tokens.isTruncated { text += " of \(Format.grouped(tokens.total)), truncated" }
        text += "\n"
        for (id, token) in zip(tokens.ids, tokens.tokens) {
            text += "  \(Format.padded(String(id), to: 6, alignRight: true))  \(Console.oneLine(token))\n"
        }
        buffer += text.utf8
    }
}

struct TokenTextOptions: ParsableArguments {
    @Option(
        name: .customLong("as"),
        help: ArgumentHelp("query, document, or the name of one of the model's prompts.", valueName: "role"))
    var role: String?
    @Option(help: ArgumentHelp("Put before each text, literally.", valueName: "text"))
    var prompt: String?
    @Option(help: "What happens to a text that is too long.")
    var truncate: TruncationPolicy = .native
}

#endif
