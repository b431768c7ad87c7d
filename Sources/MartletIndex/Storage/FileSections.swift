internal import MartletSystem

/// A mapped file of sections.
///
/// Sendable because the bytes never change while the region refers to them. Every section is inside the file.
final class FileSections: @unchecked Sendable {
    let path: String
    let table: SectionTable
    private let region: MemoryRegion
    private let base: UnsafeRawPointer
    let count: Int

    init(_ region: MemoryRegion, path: String) throws(IndexError) {
        let bytes = region.withUnsafeBytes { $0 }
        guard let base = bytes.baseAddress else { throw .damaged(path, "it is empty") }
        table = try SectionTable(bytes, path: path)
        self.path = path
        self.region = region
        self.base = base
        count = bytes.count
    }

    /// A section's bytes, valid for as long as this object; nil if the file has no such section.
    func find(_ kind: UInt32) -> UnsafeRawBufferPointer? {
        guard let section = table.sections.first(where: { $0.kind == kind }) else { return nil }
        return UnsafeRawBufferPointer(start: base + section.offset, count: section.count)
    }

    /// A section of elements of one type, `count` of them if that is given.
    func section<T: BitwiseCopyable>(
        _ kind: SegmentSection, of type: T.Type, count: Int? = nil
    ) throws(IndexError) -> UnsafeBufferPointer<T> {
        guard let bytes = find(kind.rawValue) else { throw .damaged(path, "it has no section \"\(kind)\"") }
        let stride = MemoryLayout<T>.stride
        guard bytes.count % stride == 0, count == nil || bytes.count / stride == count else {
            throw .damaged(
                path, "section \"\(kind)\" has \(bytes.count) bytes, which the number of rows contradicts")
        }
        return bytes.bindMemory(to: T.self)
    }

    /// Tells the system whether sections will be read in any order, or in theirs.
    func advise(_ kinds: [SegmentSection], inAnyOrder: Bool) {
        for section in table.sections where kinds.contains(where: { $0.rawValue == section.kind }) {
            region.subregion(offset: section.offset, count: section.count)?.advise(inAnyOrder: inAnyOrder)
        }
    }

    /// Compares every section with its checksum; returns what is wrong, a sentence for each.
    func faults() -> [String] {
        table.sections.compactMap { section in
            let bytes = UnsafeRawBufferPointer(start: base + section.offset, count: section.count)
            if Checksum.of(bytes) == section.checksum { return nil }
            let name = SegmentSection(rawValue: section.kind).map { "\"\($0)\"" } ?? "\(section.kind)"
            return
                "\(path): section \(name), bytes \(section.offset) to \(section.offset + section.count), contradicts its checksum"
        }
    }
}
