import Martlet
import MartletMiniLM
internal import MartletSystem
import MartletTokenizers

/// `MartletGates WORKLOAD ISA` runs one workload once to warm up, prints what the counts are to be divided
/// by, and runs it again to be counted.
@main
enum Main {
    static func main() throws {
        let arguments = CommandLine.arguments
        if arguments.count == 2, arguments[1] == "--list" {
            for workload in Workload.all { print(workload.name) }
            return
        }
        guard arguments.count == 3, let workload = Workload.all.first(where: { $0.name == arguments[1] }),
            let instructionSet = InstructionSet(rawValue: arguments[2])
        else {
            print("usage: MartletGates WORKLOAD ISA, or --list")
            exit(2)
        }
        let call = try workload.prepare(instructionSet)
        print("calls \(workload.calls) tokens \(workload.calls * call.tokens)")
        fflush(nil)
        let sum = try martletGateRegion(workload.calls, call.run)
        // At once: whatever came after the calls would be counted too.
        _exit(sum.isFinite ? 0 : 1)
    }
}

/// What is counted: `run` has callgrind begin a new profile where this function is entered.
/// - Returns: The sum of what the calls gave, so that none can be left out.
@inline(never)
func martletGateRegion(_ calls: Int, _ call: () throws -> Double) rethrows -> Double {
    var sum = 0.0
    for _ in 0..<calls { sum += try call() }
    return sum
}
