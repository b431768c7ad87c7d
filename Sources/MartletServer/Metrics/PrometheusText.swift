#if Server

/// Names and labels as https://prometheus.io/docs/instrumenting/exposition_formats has them.
enum PrometheusText {
    /// A name of letters, digits, `_` and `:`; what else a name holds becomes `_`.
    static func name(_ label: String) -> String {
        var name = ""
        for scalar in label.unicodeScalars {
            let isWord =
                scalar.isASCII
                && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == ":")
            name.unicodeScalars.append(isWord ? scalar : "_")
        }
        if name.isEmpty || name.unicodeScalars.first?.properties.numericType != nil { name = "_" + name }
        return name
    }

    /// `{a="1",b="2"}` in the order of the names, or nothing.
    static func labels(_ dimensions: [(String, String)]) -> String {
        if dimensions.isEmpty { return "" }
        let pairs = dimensions.sorted { $0.0 < $1.0 }.map { "\(name($0.0))=\"\(escaped($0.1))\"" }
        return "{" + pairs.joined(separator: ",") + "}"
    }

    static func adding(_ name: String, _ value: String, to labels: String) -> String {
        labels.isEmpty ? "{\(name)=\"\(value)\"}" : "\(labels.dropLast()),\(name)=\"\(value)\"}"
    }

    private static func escaped(_ value: String) -> String {
        var shown = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": shown += "\\\\"
            case "\"": shown += "\\\""
            case "\n": shown += "\\n"
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }
}

#endif
