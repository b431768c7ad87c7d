#if Command

import Martlet
import MartletJSON

/// What `martlet inspect --hardware` prints.
extension InspectCommand {
    static func text(_ hardware: HardwareInfo) -> String {
        var rows = [
            ("architecture", hardware.architecture), ("has", listed(hardware.features)),
            ("lacks", listed(hardware.missingFeatures)),
            ("threads", "\(hardware.threads)"),
            ("--isa", hardware.instructionSets.map(\.rawValue).joined(separator: ", ")),
            ("precision", "auto is \(hardware.automaticPrecision.rawValue)"),
        ]
        for operation in hardware.operations {
            let reasons = operation.passedOver.map { "; not \($0.kernels): \(reason($0))" }
            rows.append((operation.name, operation.kernels + reasons.joined()))
        }
        let width = (rows.map(\.0.count).max() ?? 0) + 2
        return rows.map { Format.padded($0.0, to: width) + $0.1 + "\n" }.joined()
    }

    static func object(_ hardware: HardwareInfo) -> JSONValue {
        func strings(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }
        func object(_ members: [(String, JSONValue)]) -> JSONValue {
            .object(JSONObject(members.map { JSONObject.Member(key: $0.0, value: $0.1) }))
        }
        return object([
            ("architecture", .string(hardware.architecture)), ("features", strings(hardware.features)),
            ("missing_features", strings(hardware.missingFeatures)), ("threads", .integer(hardware.threads)),
            ("instruction_sets", strings(hardware.instructionSets.map(\.rawValue))),
            ("automatic_precision", .string(hardware.automaticPrecision.rawValue)),
            (
                "operations",
                .array(
                    hardware.operations.map { operation in
                        object([
                            ("name", .string(operation.name)), ("kernels", .string(operation.kernels)),
                            (
                                "passed_over",
                                .array(
                                    operation.passedOver.map {
                                        object([
                                            ("kernels", .string($0.kernels)), ("lacks", strings($0.lacks)),
                                            ("disagrees", .bool($0.disagrees)),
                                        ])
                                    })
                            ),
                        ])
                    })
            ),
        ])
    }

    private static func listed(_ names: [String]) -> String {
        names.isEmpty ? "nothing that matters here" : names.joined(separator: ", ")
    }

    private static func reason(_ kernels: HardwareInfo.PassedOver) -> String {
        if kernels.disagrees { return "wrong results on this machine" }
        return kernels.lacks.isEmpty
            ? "another layout of packed weights" : "needs " + kernels.lacks.joined(separator: " and ")
    }
}

#endif
