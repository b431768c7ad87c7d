internal import MartletJSON
internal import MartletSystem

extension GGUFHeader {
    struct PlacedTensors {
        var names: [String] = []
        var views: [String: TensorView] = [:]
        var unreadable: [UnreadableTensor] = []
    }

    /// Compares every tensor's entry with the data section: size, alignment, bounds, overlap and name.
    func placeTensors(in region: MemoryRegion, file: String) throws(WeightError) -> PlacedTensors {
        var placed = PlacedTensors()
        var extents = TensorExtents()
        var seen = Set<String>()
        for info in infos {
            func broken(_ reason: String) -> WeightError {
                .malformed(file, "tensor \(info.name.quotedForMessage) \(reason)", tensor: info.name)
            }
            guard seen.insert(info.name).inserted else { throw broken("is listed twice") }
            guard info.offset % alignment == 0 else {
                throw broken(
                    "starts at byte \(info.offset) of the data section, which is no multiple of the alignment \(alignment)"
                )
            }
            let (start, overflow) = dataOffset.addingReportingOverflow(info.offset)
            guard let type = ElementType(ggmlType: info.type) else {
                // Its size is unknown here, but where it starts can be checked.
                guard !overflow, start <= region.count else {
                    throw broken("starts after the end of the file (\(region.count) bytes)")
                }
                extents.add(info.name, start, count: 0)
                placed.unreadable.append(
                    UnreadableTensor(name: info.name, type: ggmlTypeName(info.type), file: file))
                continue
            }
            guard let count = type.byteCount(shape: info.shape) else {
                throw broken(
                    "of type \(type.rawValue) has shape \(info.shape), which is too large or has rows that are no multiple of \(type.blockSize)"
                )
            }
            guard !overflow,
                let bytes = region.subregion(
                    offset: count == 0 ? min(start, region.count) : start, count: count)
            else {
                throw broken(
                    "takes \(count) bytes from byte \(info.offset) of the data section; the file ends before that (\(region.count) bytes)"
                )
            }
            extents.add(info.name, start, count: count)
            placed.names.append(info.name)
            placed.views[info.name] = TensorView(
                name: info.name, type: type, shape: info.shape, bytes: bytes, file: file)
        }
        try extents.check(file)
        return placed
    }
}
