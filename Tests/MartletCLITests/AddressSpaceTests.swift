#if Command && os(Linux)

import Testing

/// What a limit of the address space does: a result or a message, never a signal.
@Suite(.serialized) struct AddressSpaceTests {
    /// From about what the weights need to enough, in kibibytes above what the process has before it loads.
    @Test(arguments: [60_000, 100_000, 140_000, 400_000])
    func aLimitIsToldOrKept(_ room: Int) throws {
        // The size of the process itself, without a model.
        let lines = try Shell.run(
            "for v in 100000 150000 200000 300000 400000 600000 800000 1200000; do "
                + "if (ulimit -v $v; martlet --version) >/dev/null 2>&1; then echo $v; break; fi; done")
        let least = try #require(lines.first.flatMap { Int($0) })
        let found = try Shell.run(
            "(ulimit -v \(least + room); timeout 60 martlet embed --no-cache hello); echo $?")
        let status = try #require(found.last.flatMap { Int($0) })
        #expect(status == 0 || status == 1, "\(found)")
        #expect(status == 0 || found.contains { $0.hasPrefix("martlet: error: ") }, "\(found)")
    }
}

#endif
