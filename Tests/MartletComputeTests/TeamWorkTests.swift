import MartletSystem
import MartletTestSupport
import Synchronization
import Testing

@testable import MartletCompute

/// A team that starts with those who come, and whose leader does not wait long for one that stays away.
/// The limit ends a test that would wait for ever if the leader did.
@Suite("A team's work", .timeLimit(.minutes(2)))
struct TeamWorkTests {
    private static let minute: UInt64 = 60_000_000_000

    @Test(arguments: [2, 3, 5])
    func allWhoComeInTimeAreMembers(_ size: Int) throws {
        let team = try #require(Team(of: size))
        let threads = try (1..<size).map { _ in try POSIXThread { team.assist() } }
        let members = Mutex([Int: Int]())
        let isDone = team.run(patience: Self.minute) { member in
            // Without a step, so that a busy machine does not end the work.
            members.withLock { $0[member.index] = member.count }
        }
        for thread in threads { thread.join() }
        #expect(isDone && team.isWhole && team.members == size)
        let expected = Dictionary(uniqueKeysWithValues: (0..<size).map { ($0, size) })
        #expect(members.withLock { $0 } == expected)
    }

    /// Nobody comes: the leader does all of it, and whoever comes later is sent away.
    @Test func withoutTheOthersTheLeaderWorksAlone() throws {
        let team = try #require(Team(of: 4))
        let counts = Mutex([Int]())
        #expect(team.run(patience: 0) { member in counts.withLock { $0.append(member.count) } })
        #expect(!team.assist())
        #expect(counts.withLock { $0 } == [1])
        #expect(!team.isWhole && !team.isAbandoned)
    }

    /// A member that was stopped by another program between two steps.
    @Test func aMemberThatStaysAwayDoesNotHoldTheOthersUp() throws {
        let team = try #require(Team(of: 2))
        let gate = Gate()
        let steps = Atomic(0)
        let thread = try POSIXThread { team.assist() }
        let isDone = team.run(patience: Self.minute) { member in
            if !member.leads { gate.pass() }
            for _ in 0..<10 where !member.isAbandoned {
                member.sync()
                steps.add(1, ordering: .relaxed)
            }
        }
        #expect(!isDone && team.isAbandoned && !team.isWhole)
        #expect(steps.load(ordering: .relaxed) == 1)
        gate.open()
        thread.join()
        #expect(steps.load(ordering: .relaxed) == 1)
    }

    @Test func aTeamWithoutWorkSendsItsMembersAway() throws {
        let team = try #require(Team(of: 2))
        let took = Mutex<Bool?>(nil)
        let thread = try POSIXThread { took.withLock { $0 = team.assist() } }
        team.dissolve()
        thread.join()
        #expect(took.withLock { $0 } == false)
    }

    /// A member may finish in the moment in which it is given up: it is not away then.
    @Test func aMemberThatIsBackIsNotHeldUp() {
        let pool = WorkerPool(width: 2)
        let outcome = pool.withTeam(of: 2) { team in
            team?.run(patience: Self.minute) { member in
                guard member.leads else { return }
                // Until the other has told the pool that it is back.
                usleep(50_000)
                member.sync()
            }
        }
        #expect(outcome == false)
        #expect((0..<1000).contains { _ in pool.withTeam(of: 2) { $0 != nil } })
    }

    /// The pool goes on with other jobs while a member is held up, and has all threads again when it is not.
    @Test func aPoolGoesOnWithoutTheMemberThatIsHeldUp() {
        let pool = WorkerPool(width: 2)
        let gate = Gate()
        let outcome = pool.withTeam(of: 2) { team in
            team?.run(patience: Self.minute) { member in
                if !member.leads { gate.pass() }
                member.sync()
            }
        }
        #expect(outcome == false)
        // Its one thread is away.
        #expect(pool.withTeam(of: 2) { $0 == nil })
        let sum = Atomic(0)
        pool.run(100) { index, _ in sum.add(index, ordering: .relaxed) }
        #expect(sum.load(ordering: .relaxed) == 4950)
        gate.open()
        // Teams are tried again after some work that is done alone.
        var isWhole = false
        for _ in 0..<100_000 where !isWhole {
            isWhole = pool.withTeam(of: 2) { team in
                team?.run(patience: Self.minute) { _ in }
                return team?.isWhole ?? false
            }
            usleep(10)
        }
        #expect(isWhole)
    }

    @Test func teamsRestLongerTheMoreOftenMembersStayAway() {
        var pacing = TeamPacing()
        func rests() -> Int {
            var count = 0
            while !pacing.allowsTeam() { count += 1 }
            return count
        }
        #expect(rests() == 0)
        var found: [Int] = []
        for _ in 0..<8 {
            pacing.record(isWhole: false)
            found.append(rests())
        }
        #expect(found == [2, 4, 8, 16, 32, 64, 64, 64])
        for _ in 0..<7 { pacing.record(isWhole: true) }
        pacing.record(isWhole: false)
        #expect(rests() == 2)
    }
}
