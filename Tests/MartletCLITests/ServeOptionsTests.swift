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

    @Test func helpSaysWhatEachSettingIs() {
        let help = ServeCommand.helpMessage(columns: 1000)
        for setting in Setting.all { #expect(help.contains(setting.help), "\(setting.name)") }
    }
}
