#if Command

import MartletData

extension OutputFormat {
    /// For a person at a terminal.
    static let text = OutputFormat(name: "text", endings: ["txt"], kinds: Set(VectorKind.allCases)) {
        TextSink($0)
    }

    /// The formats that the command writes.
    static let ofCommand = OutputFormat.all + [.text]
}

#endif
