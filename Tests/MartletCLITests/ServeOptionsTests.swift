#if Command && Server

import MartletTestSupport
import ArgumentParser
import Martlet
import MartletHub
import MartletServer
import Testing

@testable import MartletCLI

@Suite struct ServeOptionsTests {
    @Test func everySettingIsAnOptionAndIsPassedOn() throws {
        var arguments: [String] = []
        let flags = Set(Setting.all.filter { $0.valueName == nil }.map(\.name))
        for setting in Setting.all {
            arguments += flags.contains(setting.name) ? ["--\(setting.name)"] : ["--\(setting.name)", "7"]
        }
        let given = try ServeCommand.parse(arguments).options.given
        #expect(Set(given.map(\.name)) == Set(Setting.all.map(\.name)) && given.count == Setting.all.count)
        #expect(given.allSatisfy { $0.value == (flags.contains($0.name) ? "true" : "7") })
    }

    private let nothingPulled = Hub(cache: "/nonexistent")

    /// The model inside the program can be named beside others.
    @Test(arguments: [
        ("all-MiniLM-L6-v2", "all-MiniLM-L6-v2"), ("all-minilm", "all-MiniLM-L6-v2"), ("mine=minilm", "mine"),
        ("sentence-transformers/all-MiniLM-L6-v2", "all-MiniLM-L6-v2"),
    ])
    func theBuiltInModelHasAName(given: String, name: String) throws {
        var configuration = ServerConfiguration()
        try configuration.apply(
            file: nil, environment: { _ in nil }, options: [("model", given), ("model", "cross=Tests")])
        let models = configuration.models.map { DefaultModel.resolved($0, hub: nothingPulled) }
        #expect(models.map(\.name) == [name, "cross"] && models[0].path == nil && models[1].path == "Tests")
        // What is printed reads back.
        configuration.models = models
        var again = ServerConfiguration()
        try again.apply(file: (configuration.text, "printed"), environment: { _ in nil }, options: [])
        let read = again.models.map { DefaultModel.resolved($0, hub: nothingPulled) }
        #expect(read.map(\.name) == [name, "cross"] && read[0].path == nil)
    }

    /// As for `embed`: the cache first.
    @Test func aPulledModelIsServedInPlaceOfTheBuiltInOne() throws {
        let folder = try TemporaryFolder()
        let commit = "0000000000000000000000000000000000000001"
        let place = "\(folder.path)/hub/models--sentence-transformers--all-MiniLM-L6-v2"
        let made = try Shell.run(
            "mkdir -p \(place)/refs \(place)/snapshots; printf \(commit) > \(place)/refs/main; "
                + "ln -s '\(ProcessTests.fixtures)/models/bert-mini' \(place)/snapshots/\(commit)")
        #expect(made.isEmpty)
        defer { _ = try? Shell.run("rm -rf '\(folder.path)/hub'") }
        let hub = Hub(cache: "\(folder.path)/hub")
        for (given, name) in [
            (ModelEntry(path: "all-MiniLM-L6-v2"), "all-MiniLM-L6-v2"),
            (ModelEntry(path: "all-minilm"), "all-MiniLM-L6-v2"),
            (ModelEntry(path: "sentence-transformers/all-MiniLM-L6-v2", name: "mine"), "mine"),
        ] {
            let entry = DefaultModel.resolved(given, hub: hub)
            #expect(
                entry.name == name && entry.path == "all-MiniLM-L6-v2" && entry.aliases.contains("all-minilm")
            )
            #expect(entry.source.published?.name == "sentence-transformers/all-MiniLM-L6-v2")
        }
    }

    @Test func otherNamesAreOtherModels() {
        for path in ["all-MiniLM-L12-v2", "./all-minilm", "somebody/all-MiniLM-L6-v2"] {
            #expect(DefaultModel.resolved(ModelEntry(path: path), hub: nothingPulled).path == path)
        }
    }

    @Test(arguments: [
        (["--port", "99999"], "port is 99999"), (["--tls-key", "x"], "give both"),
        (["--lazy", "--preload"], "contradict"), (["--model", "a=bm25", "--model", "a=bm25"], "two models"),
    ]) func contradictionsEndWith2(options: [String], message: String) throws {
        let ended = try Command.run(["serve", "--print-config"] + options)
        #expect(ended.status == 2 && ended.error.contains(message), "\(ended.error)")
    }

    @Test func helpSaysWhatEachSettingIs() {
        let help = ServeCommand.helpMessage(columns: 1000)
        for setting in Setting.all { #expect(help.contains(setting.help), "\(setting.name)") }
    }

    @Test(
        arguments: [
            ("host", "127.0.0.1"), ("port", "8080"), ("precision", "auto"), ("max-request-bytes", "16MiB"),
            ("drain-timeout", "20s"), ("keep-alive", "-1"), ("cache-bytes", "0"), ("log-format", "text"),
            ("hub", nil), ("cors-origin", nil), ("threads", nil), ("data", nil),
        ] as [(String, String?)])
    func helpSaysTheDefault(_ name: String, _ expected: String?) throws {
        let setting = try #require(Setting.all.first { $0.name == name })
        #expect(setting.defaultText == expected)
        let help = ServeCommand.helpMessage(columns: 1000)
        let line = setting.help + "." + (expected.map { " Default: \($0)." } ?? "") + "\n"
        #expect(help.contains(line), "\(name)")
    }
}

#endif
