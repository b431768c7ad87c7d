#if Command

import MartletData

/// Results that are no rows of vectors.
enum StandardOutput {
    static func write(_ bytes: [UInt8]) throws(DataError) {
        let output = Output.standardOutput()
        output.buffer = bytes
        try output.flush()
    }

    static func write(_ text: String) throws(DataError) { try write(Array(text.utf8)) }
}

#endif
