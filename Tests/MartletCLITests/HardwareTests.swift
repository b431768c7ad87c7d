#if Command

import Martlet
import MartletJSON
import Testing

@Suite("martlet inspect --hardware")
struct HardwareTests {
    @Test func `the machine's features, the kernels of each operation and the reasons are printed`() throws {
        let hardware = HardwareInfo.current
        let text = try Command.run(["inspect", "--hardware"]).text
        #expect(text.contains(hardware.architecture))
        #expect(text.contains("auto is \(hardware.automaticPrecision.rawValue)"))
        for operation in hardware.operations {
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(operation.name) })
            #expect(line.contains(operation.kernels))
            for passed in operation.passedOver {
                #expect(
                    line.contains("not \(passed.kernels): needs \(passed.lacks.joined(separator: " and "))"))
            }
        }
    }

    @Test func `the same as one object`() throws {
        let hardware = HardwareInfo.current
        let json = try JSONValue.parse(utf8: try Command.run(["inspect", "--hardware", "--json"]).text)
        #expect(json["architecture"]?.string == hardware.architecture)
        #expect(
            json["operations"]?.array?.map { $0["kernels"]?.string } == hardware.operations.map(\.kernels))
        #expect(
            json["instruction_sets"]?.array?.compactMap(\.string) == hardware.instructionSets.map(\.rawValue))
    }

    @Test func `a model has no place there`() throws {
        #expect(try Command.run(["inspect", "--hardware", "some/model"]).status == 2)
    }
}

#endif
