#if os(Linux)
import MartletSystem
import MartletTestSupport
import Testing

@testable import Martlet

/// A model works in the child of a process that has used it, as under Python's `os.fork`. Each test forks in
/// a process of its own.
@Suite("A model after fork")
struct ForkTests {
    /// Two threads that take one text as a team, and many texts one by one.
    @Test(arguments: [1, 2])
    func givesTheSameBitsInTheChild(_ threads: Int) async {
        await #expect(processExitsWith: .success) { [threads] in
            let model = try embedder("bert-mini", threads: threads)
            let many = (0..<40).map { "text number \($0) about pasta" }
            let expected = [try model.embedBlocking(["one text"]).bits, try model.embedBlocking(many).bits]
            Fork.inChild {
                // A child of the child, too.
                Fork.inChild {
                    guard try model.embedBlocking(["one text"]).bits == expected[0] else { _exit(1) }
                }
                let found = [try model.embedBlocking(["one text"]).bits, try model.embedBlocking(many).bits]
                guard found == expected else { _exit(1) }
            }
            guard try model.embedBlocking(["one text"]).bits == expected[0] else { _exit(2) }
        }
    }

    /// Packing takes the locks that the parent's threads have taken before.
    @Test func aModelCanBeLoadedInTheChild() async {
        await #expect(processExitsWith: .success) {
            let expected = try embedder("bert-mini").embedBlocking(["one text"]).bits
            for _ in 0..<5 {
                Fork.inChild {
                    guard try embedder("bert-mini").embedBlocking(["one text"]).bits == expected else {
                        _exit(1)
                    }
                }
            }
        }
    }
}
#endif
