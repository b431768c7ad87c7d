#if Command

import ArgumentParser
import Martlet

struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write a model as one GGUF file, which llama.cpp reads too.",
        discussion: """
            The tokenizer, pooling, normalisation, prompts and token limit go into the file. The file appears under its name when it is whole. \
            martlet show NAME prints the folder of a model that was pulled.

            EXAMPLES
              martlet convert path/to/all-MiniLM-L6-v2 -o minilm.gguf
              martlet convert path/to/all-MiniLM-L6-v2 -o minilm-f16.gguf --type f16
              martlet inspect minilm.gguf
            """)

    @Argument(help: ArgumentHelp("Model folder.", valueName: "model"), completion: .file())
    var model: String
    @Option(
        name: [.short, .long], help: ArgumentHelp("The GGUF file to write.", valueName: "file.gguf"),
        completion: .file())
    var output: String
    @Option(
        help: ArgumentHelp(
            "How matrices are stored: \(ModelConversion.types.joined(separator: ", ")).", valueName: "type"))
    var type = "q8_0"
    @Option(help: ArgumentHelp("The model's name in the file. Default: the folder's.", valueName: "name"))
    var name: String?
    @OptionGroup(title: "Messages") var verbosity: VerbosityOptions

    func run() throws {
        guard !System.isSameFile(model, output) else {
            throw CommandError.usage("\(model): is both input and output; write to another file")
        }
        let line = StatusLine(isShown: System.isTerminal(2) && !verbosity.quiet)
        defer { line.clear() }
        let report = try ModelConversion.convert(from: model, to: output, type: type, name: name) {
            line.show(Self.text(of: $0))
        }
        line.clear()
        guard !verbosity.quiet else { return }
        let tensors = report.tensors.keys.sorted().map { "\(report.tensors[$0] ?? 0) × \($0)" }.joined(
            separator: ", ")
        Console.note("wrote \(output): \(Format.bytes(report.bytes)), tensors \(tensors)")
    }

    static func text(of step: ModelConversion.Step) -> String {
        switch step {
        case .measuring: "measuring the scales for int8"
        case .writing(let written, let all):
            "\(ProgressBar.bar(Double(written) / Double(max(all, 1))))  \(written) of \(all) tensors written"
        }
    }
}

#endif
