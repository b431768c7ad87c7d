import Testing

@testable import MartletCompute

/// Files of /sys/devices in the form that the kernel's documentation gives them.
@Suite struct CoreTopologyTests {
    /// Two hardware threads a core, numbered one after the other, then `slow` cores with one.
    static func laptop(fast: Int, slow: Int) -> [String: String] {
        var files = [
            "cpu_core/cpus": "0-\(2 * fast - 1)\n", "cpu_atom/cpus": "\(2 * fast)-\(2 * fast + slow - 1)\n",
        ]
        for cpu in 0..<2 * fast + slow {
            let siblings = cpu < 2 * fast ? "\(cpu / 2 * 2)-\(cpu / 2 * 2 + 1)\n" : "\(cpu)\n"
            files["system/cpu/cpu\(cpu)/topology/thread_siblings_list"] = siblings
            files["system/cpu/cpu\(cpu)/cpufreq/cpuinfo_max_freq"] =
                cpu < 2 * fast ? "4700000\n" : "3600000\n"
        }
        return files
    }

    /// `nodes` of `cores` cores each; the second hardware threads have the upper half of the numbers.
    static func server(nodes: Int, cores: Int) -> [String: String] {
        var files = ["system/node/online": "0-\(nodes - 1)\n"]
        let all = nodes * cores
        for node in 0..<nodes {
            let (first, last) = (node * cores, node * cores + cores - 1)
            files["system/node/node\(node)/cpulist"] = "\(first)-\(last),\(all + first)-\(all + last)\n"
        }
        for cpu in 0..<2 * all {
            files["system/cpu/cpu\(cpu)/topology/thread_siblings_list"] = "\(cpu % all),\(all + cpu % all)\n"
        }
        return files
    }

    private func topology(_ files: [String: String], _ allowed: Range<Int>) -> CoreTopology {
        CoreTopology(allowed: Array(allowed)) { files[$0] }
    }

    @Test func aLaptopHasFastAndSlowCores() {
        let topology = topology(Self.laptop(fast: 4, slow: 8), 0..<16)
        #expect(topology.processors.map(\.isFast) == (0..<16).map { $0 < 8 })
        #expect(topology.processors.map(\.core) == [0, 0, 2, 2, 4, 4, 6, 6] + Array(8..<16))
        let plan = ThreadPlan(topology, width: 16)
        // Fast cores, slow cores, then the second threads of the fast ones.
        #expect(plan.processors == [0, 2, 4, 6] + Array(8..<16) + [1, 3, 5, 7])
        #expect(plan.team == 4)
        #expect(
            plan.masks[3] == Array(0..<8) && plan.masks[4] == Array(8..<16) && plan.masks[12] == Array(0..<8))
        #expect(ThreadPlan(topology, width: 2).team == 2)
    }

    @Test func capacityTellsTheCoresOfABoard() {
        var files: [String: String] = [:]
        for cpu in 0..<8 {
            files["system/cpu/cpu\(cpu)/cpu_capacity"] = cpu < 4 ? "414\n" : "1024\n"
            files["system/cpu/cpu\(cpu)/topology/thread_siblings_list"] = "\(cpu)\n"
        }
        let plan = ThreadPlan(topology(files, 0..<8), width: 8)
        #expect(plan.processors == [4, 5, 6, 7, 0, 1, 2, 3] && plan.team == 4)
    }

    /// Cores that differ a little in their clocks are of one kind.
    @Test func clocksWithinAFewPercentAreAlike() {
        var files: [String: String] = [:]
        for cpu in 0..<4 {
            files["system/cpu/cpu\(cpu)/cpufreq/cpuinfo_max_freq"] = "\(5_000_000 - cpu * 100_000)\n"
        }
        let plan = ThreadPlan(topology(files, 0..<4), width: 4)
        #expect(plan.team == 4 && plan.masks.isEmpty)
    }

    @Test func twoNodesOfManyCores() {
        let topology = topology(Self.server(nodes: 2, cores: 64), 0..<256)
        let plan = ThreadPlan(topology, width: 256)
        #expect(plan.processors == Array(0..<256))
        #expect(plan.team == 64)
        #expect(plan.masks[10] == Array(0..<64) + Array(128..<192))
        #expect(plan.masks[100] == Array(64..<128) + Array(192..<256))
        // As many threads as one node has cores stay on it.
        #expect(ThreadPlan(topology, width: 64).processors == Array(0..<64))
    }

    /// taskset, or a container, may leave the second threads alone, or most of one node.
    @Test func anAffinityMaskCountsBeforeAllElse() {
        let files = Self.server(nodes: 2, cores: 4)
        let upper = ThreadPlan(topology(files, 8..<12), width: 4)
        #expect(upper.processors == [8, 9, 10, 11] && upper.team == 4 && upper.masks.isEmpty)
        let most = ThreadPlan(topology(files, 3..<8), width: 5)
        #expect(most.processors == [4, 5, 6, 7, 3] && most.team == 4)
        let half = ThreadPlan(topology(Self.laptop(fast: 4, slow: 8), 0..<2), width: 2)
        #expect(half.processors == [0, 1] && half.team == 1)
    }

    @Test func filesThatAreNotThere() {
        let topology = topology([:], 0..<3)
        #expect(topology == CoreTopology(alike: 3))
        #expect(ThreadPlan(topology, width: 3) == ThreadPlan(CoreTopology(alike: 3), width: 3))
        // A caller may ask for more threads than there are.
        #expect(ThreadPlan(topology, width: 5).team == 5)
        #expect(CoreTopology.list("0-2,7\n") == [0, 1, 2, 7] && CoreTopology.list("3-1,x,-") == [])
    }

    @Test func thisMachine() {
        #if os(Linux)
        #expect(CoreTopology.current.processors.map(\.number) == WorkerPool.affinityProcessors())
        #endif
        let plan = ThreadPlan(.current, width: 2)
        #expect(plan.processors.allSatisfy { CoreTopology.current.processors.map(\.number).contains($0) })
    }
}
