import ArgumentParser
import MartletServer
import Testing

@testable import MartletCLI

@Suite struct ServeOptionsTests {
    @Test func everySettingIsAnOptionAndIsPassedOn() throws {
        var arguments: [String] = []
        let flags = ["preload", "hub", "any-model-name"]
        for setting in Setting.all { arguments += flags.contains(setting.name) ? ["--\(setting.name)"] : ["--\(setting.name)", "7"] }
        let given = try ServeCommand.parse(arguments).options.given
        #expect(Set(given.map(\.name)) == Set(Setting.all.map(\.name)) && given.count == Setting.all.count)
        #expect(given.allSatisfy { $0.value == (flags.contains($0.name) ? "true" : "7") })
    }

    /// The model inside the program can be named beside others.
    @Test(arguments: [
        ("all-MiniLM-L6-v2", "all-MiniLM-L6-v2"), ("all-minilm", "all-MiniLM-L6-v2"), ("mine=minilm", "mine"),
        ("sentence-transformers/all-MiniLM-L6-v2", "all-MiniLM-L6-v2"),
    ])
    func theBuiltInModelHasAName(given: String, name: String) throws {
        var configuration = ServerConfiguration()
        try configuration.apply(file: nil, environment: { _ in nil }, options: [("model", given), ("model", "cross=Tests")])
        let models = configuration.models.map(DefaultModel.resolved)
        #expect(models.map(\.name) == [name, "cross"] && models[0].path == nil && models[1].path == "Tests")
        // What is printed reads back.
        configuration.models = models
        var again = ServerConfiguration()
        try again.apply(file: (configuration.text, "printed"), environment: { _ in nil }, options: [])
        #expect(again.models.map(DefaultModel.resolved).map(\.name) == [name, "cross"])
        #expect(again.models.map(DefaultModel.resolved)[0].path == nil)
    }

    @Test func otherNamesAreOtherModels() {
        for path in ["all-MiniLM-L12-v2", "./all-minilm", "somebody/all-MiniLM-L6-v2"] {
            #expect(DefaultModel.resolved(ModelEntry(path: path)).path == path)
        }
    }

    @Test func helpSaysWhatEachSettingIs() {
        let help = ServeCommand.helpMessage(columns: 1000)
        for setting in Setting.all { #expect(help.contains(setting.help), "\(setting.name)") }
    }
}
