/// Merging: segments become fewer, and the space of dead rows is given back.
extension CollectionWriter.State {
    /// What is to be merged next: segments of like size once there are enough (eight), or one of which a fifth
    /// is dead. nil if there is nothing, or a merge is under way.
    mutating func planMerge() -> MergePlan? { isMergeDue ? choice().map { plan($0) } : nil }

    /// Whether there is something to merge, and no merge is under way.
    var isMergeDue: Bool { failure == nil && merging == nil && choice() != nil }

    mutating func plan(_ chosen: [Int]) -> MergePlan {
        let name = manifest.newFile("segment")
        merging = name
        return MergePlan(
            parts: chosen.map { snapshot.parts[$0] }, name: name, settings: snapshot.settings,
            rotation: snapshot.rotation, schema: snapshot.fields, folder: folder, limits: limits)
    }

    /// Puts a merged segment in the place of those that it was made of. If they have left meanwhile, nothing
    /// changes.
    mutating func finishMerge(_ plan: MergePlan, _ entry: Manifest.SegmentEntry?) throws(IndexError) {
        defer { endMerge(plan) }
        if let failure { throw failure }
        // The new manifest begins with an empty log.
        try rewrite([], [], nil)
        let now = snapshot.parts.filter { plan.names.contains($0.segment.name) }
        guard now.count == plan.parts.count else { return }
        var next = manifest
        let place = next.segments.firstIndex { plan.names.contains($0.name) } ?? 0
        next.segments.removeAll { plan.names.contains($0.name) }
        if var entry {
            let died = plan.died(now, of: entry.rows)
            let count = died.size
            if count > 0 {
                let bytes = DeadRows.bytes(died)
                let name = next.newFile("dead")
                try folder.writeFile(name, bytes)
                entry.dead = Manifest.DeadEntry(name: name, count: count, checksum: Checksum.of(bytes))
            }
            if count < entry.rows { next.segments.insert(entry, at: min(place, next.segments.count)) }
        }
        try writeDead(snapshot.parts.filter { !plan.names.contains($0.segment.name) }, &next)
        try install(&next)
        mergeError = nil
    }

    /// Forgets a merge; its file goes if no manifest names it, which after a failed commit nobody knows.
    mutating func endMerge(_ plan: MergePlan) {
        merging = nil
        if failure == nil, !manifest.files.contains(plan.name) {
            try? folder.files.remove(folder.file(plan.name))
        }
    }

    /// Merges on the calling thread.
    mutating func mergeWhereNeeded() throws(IndexError) {
        while let plan = planMerge() { try merge(plan) }
    }

    mutating func compact() throws(IndexError) {
        try rewrite([], [], nil)
        let isWhole = snapshot.parts.count <= 1 && snapshot.parts.allSatisfy { $0.dead == nil }
        if isWhole { return }
        // A merge under way finds its segments gone, and ends. Its file stays until then, also after an error.
        let other = merging
        defer { merging = other }
        try merge(plan(Array(snapshot.parts.indices)))
    }

    private mutating func merge(_ plan: MergePlan) throws(IndexError) {
        let entry: Manifest.SegmentEntry?
        do throws(IndexError) { entry = try plan.write() } catch {
            endMerge(plan)
            throw error
        }
        try finishMerge(plan, entry)
    }

    private func choice() -> [Int]? {
        if let index = snapshot.parts.firstIndex(where: { $0.liveCount * 5 < $0.segment.count * 4 }) {
            return [index]
        }
        var levels: [Int: [Int]] = [:]
        for (index, part) in snapshot.parts.enumerated() {
            var (level, rows) = (0, part.liveCount / 1024)
            while rows > 0 {
                rows /= 8
                level += 1
            }
            levels[level, default: []].append(index)
        }
        return levels.filter { level, parts in
            // A merge that cannot be written would be tried after each commit.
            parts.count >= limits.mergedSegments && level < 6
                && parts.reduce(0) { $0 + snapshot.parts[$1].segment.ids.count } <= limits.nameBytes
        }.min { $0.key < $1.key }?.value
    }
}
