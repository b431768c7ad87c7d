#if Command

/// Results that are no rows of vectors.
enum StandardOutput {
    static func write(_ bytes: [UInt8]) throws(OutputError) {
        let output = Output.standardOutput()
        output.buffer = bytes
        try output.flush()
    }

    static func write(_ text: String) throws(OutputError) { try write(Array(text.utf8)) }
}

#endif
