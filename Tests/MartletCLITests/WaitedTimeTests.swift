#if Command
import Testing

@testable import MartletCLI

@Suite struct WaitedTimeTests {
    @Test func waitsAddUp() {
        let waited = WaitedTime()
        #expect(waited.seconds(until: 5) == 0)
        waited.change(isWaiting: true, at: 10)
        #expect(waited.seconds(until: 13) == 3)
        // Another reason to wait.
        waited.change(isWaiting: true, at: 14)
        waited.change(isWaiting: false, at: 20)
        #expect(waited.seconds(until: 100) == 10)
        waited.change(isWaiting: true, at: 100)
        #expect(waited.seconds(until: 101) == 11)
    }
}
#endif
