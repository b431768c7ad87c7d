internal import MartletSystem

/// Memory for the matrices of one model, cut from large pieces.
///
/// A matrix of a few hundred KiB on pages of its own would be a fault and an entry of the TLB for every 4
/// KiB; large pieces have the system's huge pages. A piece is freed with the last matrix in it.
package final class WeightMemory: Sendable {
    /// Bytes, aligned to 64, with 64 more after them that a kernel may read. Zeros, unless memory is used
    /// again.
    package struct Slice: Sendable {
        private let piece: Piece
        private let start: Int
        package let count: Int

        fileprivate init(_ piece: Piece, start: Int, count: Int) {
            self.piece = piece
            self.start = start
            self.count = count
        }

        package var pointer: UnsafeMutablePointer<UInt8> { piece.memory.pointer + start }
        package var bytes: Int { AlignedBuffer<UInt8>.bytes(count: count) }
    }

    /// Sendable as raw memory: each slice's bytes are written by its one owner, before others see them.
    fileprivate final class Piece: @unchecked Sendable {
        let memory: AlignedBuffer<UInt8>
        var used = 0
        init(bytes: Int) { memory = AlignedBuffer(count: bytes) }
    }

    /// Bytes of a piece.
    package static let pieceBytes = 32 << 20
    /// The one that slices are cut from, or all where they are used again.
    private let pieces = Locked<[Piece]>([])
    private let reuses: Bool

    /// - Parameter reuses: A piece is kept when the last slice of it is gone, and given out again: what is
    ///   packed into it must fill it.
    package init(reusing reuses: Bool = false) { self.reuses = reuses }

    /// Memory that nothing shares, for what lives shortly.
    package static func alone(bytes: Int) -> Slice { Slice(Piece(bytes: bytes), start: 0, count: bytes) }

    package func slice(bytes: Int) -> Slice {
        let room = (AlignedBuffer<UInt8>.bytes(count: bytes) + 63) / 64 * 64
        // Small ones would take huge pages for little, large ones have such pages of their own.
        guard reuses || room >= 1 << 16 && room <= Self.pieceBytes / 4 else {
            return Self.alone(bytes: bytes)
        }
        return pieces.withLock { pieces in
            if reuses {
                for index in pieces.indices where isKnownUniquelyReferenced(&pieces[index]) {
                    pieces[index].used = 0
                }
            }
            let piece: Piece
            if let found = pieces.first(where: { $0.memory.count - $0.used >= room }) {
                piece = found
            } else {
                piece = Piece(bytes: max(room, Self.pieceBytes))
                if !reuses { pieces.removeAll() }
                pieces.append(piece)
            }
            defer { piece.used += room }
            return Slice(piece, start: piece.used, count: bytes)
        }
    }
}
