internal import CMartletKernels
internal import MartletSystem

extension CoreTopology {
    /// From the files under /sys/devices, whose text `file` gives; nil where there is no such file.
    ///
    /// Speeds are those of `cpu_capacity`, else of the highest clock; where Intel's `cpu_atom` lists processors,
    /// these are the slow ones. Source: the Linux kernel's documentation, cputopology.rst and
    /// ABI/stable/sysfs-devices-system-cpu.
    /// - Parameter allowed: The processors of the process's affinity mask.
    package init(allowed: [Int], file: (_ path: String) -> String?) {
        func number(_ path: String) -> Int? { file(path).flatMap { Int($0.prefix { $0.isNumber }) } }
        let atoms = file("cpu_atom/cpus").map { Set(Self.list($0)) } ?? []
        var nodes: [Int: Int] = [:]
        for node in file("system/node/online").map(Self.list) ?? [] {
            for processor in file("system/node/node\(node)/cpulist").map(Self.list) ?? [] {
                nodes[processor] = node
            }
        }
        let found = allowed.map { processor in
            let folder = "system/cpu/cpu\(processor)"
            let siblings = file(folder + "/topology/thread_siblings_list").map(Self.list) ?? []
            let speed =
                atoms.isEmpty
                ? number(folder + "/cpu_capacity") ?? number(folder + "/cpufreq/cpuinfo_max_freq") : nil
            return (processor, core: siblings.min() ?? processor, speed: speed ?? 0)
        }
        let fastest = found.map(\.speed).max() ?? 0
        processors = found.map { processor, core, speed in
            Processor(
                number: processor, core: core, node: nodes[processor] ?? 0,
                isFast: atoms.isEmpty ? speed * 4 >= fastest * 3 : !atoms.contains(processor))
        }
    }

    /// The numbers of a list such as "0-3,8".
    static func list(_ text: String) -> [Int] {
        text.split { $0 == "," || $0.isWhitespace }.flatMap { part -> [Int] in
            let ends = part.split(separator: "-").map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last, last < 1 << 16
            else { return [] }
            return Array(first...last)
        }
    }

    static func ofThisProcess() -> CoreTopology {
        #if os(Linux)
        let allowed = WorkerPool.affinityProcessors()
        if !allowed.isEmpty {
            return CoreTopology(allowed: allowed) { SmallFile.text(at: "/sys/devices/" + $0) }
        }
        #elseif canImport(Darwin)
        // Threads cannot be kept on a kind of core there; the first level is the fastest.
        if let fast = Self.systemNumber("hw.perflevel0.logicalcpu"),
            let slow = Self.systemNumber("hw.perflevel1.logicalcpu")
        {
            return CoreTopology(
                (0..<fast + slow).map {
                    Processor(number: $0, core: $0, node: 0, isFast: $0 < fast)
                })
        }
        #endif
        return CoreTopology(alike: WorkerPool.affinityCores())
    }

    #if canImport(Darwin)
    private static func systemNumber(_ name: String) -> Int? {
        var value: Int32 = 0
        var size = MemoryLayout<Int32>.size
        return sysctlbyname(name, &value, &size, nil, 0) == 0 ? Int(value) : nil
    }
    #endif
}
