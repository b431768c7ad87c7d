@testable import MartletData

extension ByteSource {
    /// Bytes that arrive `step` at a time; with `pauses`, as from a slow pipe: before every read it looks as
    /// if nothing had come.
    static func bytes(_ bytes: [UInt8], step: Int = .max, pauses: Bool = false, name: String = "in")
        -> ByteSource
    {
        final class State {
            var position = 0
            var hasPaused = false
        }
        let state = State()
        return ByteSource(
            name: name, size: bytes.count,
            isReady: {
                defer { state.hasPaused = true }
                return !pauses || state.hasPaused
            },
            read: { (buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int in
                state.hasPaused = false
                let count = min(step, buffer.count, bytes.count - state.position)
                for index in 0..<count { buffer[index] = bytes[state.position + index] }
                state.position += count
                return count
            })
    }

    static func text(_ text: String, step: Int = .max, pauses: Bool = false) -> ByteSource {
        .bytes(Array(text.utf8), step: step, pauses: pauses)
    }
}

/// What a reader gives, in words, so that tables of expectations are easy to read.
enum Given: Equatable, CustomStringConvertible {
    case text(String, RecordID, Int)
    case error(String)

    var description: String {
        switch self {
        case .text(let text, let id, let line): "\(line): \(text.debugDescription) \(id)"
        case .error(let message): "error: \(message)"
        }
    }
}

/// Everything that a reader gives until its end, or its first error that cannot be skipped.
func readAll(_ reader: some RecordReader, waiting: Bool = true) -> [Given] {
    var reader = reader
    var result: [Given] = []
    while result.count < 10_000 {
        do throws(DataError) {
            switch try reader.next(waiting: waiting) {
            case .record(let text, let id, let line): result.append(.text(text, id, line))
            case .idle: continue
            case .end: return result
            }
        } catch {
            result.append(.error(error.description))
            if !error.isRecoverable { return result }
        }
    }
    return result
}

func texts(_ given: [Given]) -> [String] {
    given.map { if case .text(let text, _, _) = $0 { text } else { "\($0)" } }
}

extension ByteSource {
    /// Bytes that can be read at any offset, as those of a file.
    static func seekable(_ bytes: [UInt8]) -> ByteSource {
        var source = ByteSource.bytes(bytes)
        source.readAt = { (buffer: UnsafeMutableRawBufferPointer, offset: Int) throws(DataError) -> Int in
            guard offset < bytes.count else { return 0 }
            let count = min(buffer.count, bytes.count - offset)
            buffer.copyBytes(from: bytes[offset..<offset + count])
            return count
        }
        return source
    }
}
