#if Command

import MartletHub
import Synchronization

/// What a pull says on stderr: on a terminal a bar over all files, and a line for each that is done; else
/// plain lines.
///
/// Events come from several threads.
final class PullReporter: Sendable {
    private struct State {
        var line: StatusLine
        var progress = PullProgress()
        var lastDrawn = 0.0
    }

    private let name: String
    private let isQuiet: Bool
    private let state: Mutex<State>

    init(_ name: String, isQuiet: Bool, isTerminal: Bool) {
        self.name = name
        self.isQuiet = isQuiet
        state = Mutex(State(line: StatusLine(isShown: isTerminal && !isQuiet)))
    }

    func report(_ event: PullEvent) {
        guard !isQuiet else { return }
        state.withLock { state in
            let now = System.seconds()
            state.progress.add(event, at: now)
            if let note = state.progress.note(event, name: name) {
                state.line.clear()
                Console.note(Console.oneLine(note))
            }
            guard now - state.lastDrawn >= 0.1, let text = state.progress.line(at: now) else { return }
            state.lastDrawn = now
            state.line.show(Console.oneLine(text))
        }
    }

    func clear() { state.withLock { $0.line.clear() } }
}

/// How far a pull has come.
struct PullProgress {
    private var files: [PulledFile] = []
    private var received: [String: Int] = [:]
    /// The file that grew last.
    private var current: PulledFile?
    /// When the first bytes came, and how many were there then: those of an earlier pull say nothing of the
    /// speed.
    private var start: (time: Double, bytes: Int)?

    private var total: Int { files.reduce(0) { $0 + $1.size } }
    private var done: Int { files.reduce(0) { $0 + ($1.wasCached ? $1.size : received[$1.path] ?? 0) } }

    mutating func add(_ event: PullEvent, at time: Double) {
        switch event {
        case .planned(let planned): files = planned
        case .received(let file, let bytes):
            received[file.path] = bytes
            current = file
            if start == nil, !files.isEmpty { start = (time, done) }
        case .finished(let file):
            received[file.path] = file.size
            if current?.path == file.path { current = nil }
        case .resolved, .waiting, .retrying: break
        }
    }

    /// A line that stays.
    func note(_ event: PullEvent, name: String) -> String? {
        switch event {
        case .planned(let files):
            let missing = files.filter { !$0.wasCached }
            guard !missing.isEmpty else { return nil }
            let cached = files.count - missing.count
            return
                "pulling \(name): \(Format.count(missing.count, "file")), \(Format.fileSize(missing.reduce(0) { $0 + $1.size }))"
                + (cached > 0 ? "; \(cached) cached" : "")
        case .finished(let file): return files.isEmpty ? nil : "\(file.path)  \(Format.fileSize(file.size))"
        case .waiting(let file): return "\(file.path): another process fetches it; waiting"
        case .retrying(let file, let reason, let pause):
            return
                "\(file.map { "\($0): " } ?? "")\(reason); trying again in \(Format.duration(pause / .seconds(1)))"
        case .resolved, .received: return nil
        }
    }

    /// The line that is drawn over; nil before there is anything to show.
    func line(at time: Double) -> String? {
        let (done, total) = (done, total)
        guard total > 0 else { return nil }
        var text =
            "\(ProgressBar.bar(min(1, Double(done) / Double(total))))  \(Format.fileSize(done)) of \(Format.fileSize(total))"
        if let start, time - start.time > 0.5, done > start.bytes {
            let rate = Double(done - start.bytes) / (time - start.time)
            text += "  \(Format.fileSize(Int(rate)))/s  \(Format.duration(Double(total - done) / rate)) left"
        }
        if let current, current.size > 0 {
            text += "  \(current.path) \((received[current.path] ?? 0) * 100 / current.size) %"
        }
        return text
    }
}

#endif
