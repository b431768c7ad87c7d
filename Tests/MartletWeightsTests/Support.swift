import Foundation
import MartletSystem
import Testing

@testable import MartletWeights

/// The committed files that Scripts/weights-goldens.py makes.
enum Goldens {
    static func path(_ name: String) throws -> String {
        let folder = try #require(Bundle.module.resourcePath)
        return folder + "/Goldens/" + name
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        try MappedFile(path: path(name)).region.withUnsafeBytes { Array($0) }
    }

    static func floats(_ name: String) throws -> [Float] {
        try MappedFile(path: path(name)).region.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
    }
}

extension ElementType {
    /// The stem of this type's goldens, all of 768 elements.
    var golden: String { rawValue.lowercased() }
    var goldenShape: [Int] { blockSize < 256 ? [12, 64] : [3, 256] }
}

/// Bytes made by a test, kept alive by the region.
func region(_ bytes: [UInt8]) -> MemoryRegion {
    let owner = OwnedBytes(bytes)
    return MemoryRegion(unsafe: owner.buffer, owner: owner)
}

/// An allocation of exactly the size of the bytes, so that a checked build sees a read past the end.
private final class OwnedBytes: @unchecked Sendable {
    let buffer: UnsafeRawBufferPointer

    init(_ bytes: [UInt8]) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        copy.copyBytes(from: bytes)
        buffer = UnsafeRawBufferPointer(copy)
    }

    deinit { buffer.deallocate() }
}

/// A folder for one test, removed by `remove`.
struct TemporaryFolder {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory.appendingPathComponent("martlet-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func file(_ name: String) -> String { path + "/" + name }

    func write(_ bytes: [UInt8], to name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    var contents: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// Bit for bit, so that -0 and 0 differ and NaN equals itself.
func sameBits(_ a: [Float], _ b: [Float]) -> Bool { a.map(\.bitPattern) == b.map(\.bitPattern) }

/// The error of `body`, which must be the module's own.
func weightError<R>(_ body: () throws -> R, _ location: SourceLocation = #_sourceLocation) throws
    -> WeightError
{
    do {
        _ = try body()
    } catch {
        return try #require(error as? WeightError, sourceLocation: location)
    }
    throw Unexpected()
}

struct Unexpected: Error, CustomStringConvertible {
    let description = "an error was expected, and none was thrown"
}

/// Little-endian pieces of a file, for files that no writer would make.
extension [UInt8] {
    mutating func put<T: FixedWidthInteger>(_ value: T) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    mutating func put(string: String) {
        put(UInt64(string.utf8.count))
        append(contentsOf: string.utf8)
    }
}
