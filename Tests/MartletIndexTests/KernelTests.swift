import CMartletKernels
import MartletTestSupport
import Testing

/// Every instruction set of this machine against the scalar functions.
@Suite struct KernelTests {
    private static let sets = (0..<mk_index_kernels_count()).map { Int($0) }
    private static func kernels(_ index: Int) -> mk_index_kernels {
        mk_index_kernels_at(Int32(index)).pointee
    }
    private static var scalar: mk_index_kernels { kernels(sets.count - 1) }

    @Test(arguments: sets) func scansFindTheSameRows(set: Int) {
        var random = SplitMix64(state: 4)
        for (groups, rows) in [(8, 1), (8, 64), (16, 130), (48, 1000), (128, 333)] {
            let blocks = (rows + 63) / 64
            let bytes = groups * 64 + 256
            let codes = UnsafeMutableRawPointer.allocate(byteCount: blocks * bytes, alignment: 64)
            defer { codes.deallocate() }
            for index in 0..<blocks * bytes {
                codes.storeBytes(of: UInt8(random.below(256)), toByteOffset: index, as: UInt8.self)
            }
            for block in 0..<blocks {
                for row in 0..<64 {
                    codes.storeBytes(
                        of: Float(random.below(1000)) / 4096,
                        toByteOffset: block * bytes + groups * 64 + row * 4, as: Float.self)
                }
            }
            let tables = (0..<groups * 32).map { _ in UInt8(random.below(64)) }
            let mask = (0..<blocks).map { _ in random.next() }
            for masked in [false, true] {
                func found(_ kernels: mk_index_kernels) -> [mk_candidate] {
                    let wanted = min(50, rows)
                    var items = [mk_candidate](repeating: mk_candidate(), count: 2 * wanted + 64)
                    return items.withUnsafeMutableBufferPointer { items in
                        var best = mk_candidates(
                            items: items.baseAddress, count: 0, capacity: Int64(items.count),
                            wanted: Int64(wanted), threshold: -.infinity)
                        withUnsafeMutablePointer(to: &best) { best in
                            tables.withUnsafeBufferPointer { tables in
                                mask.withUnsafeBufferPointer { mask in
                                    var query = mk_scan_query(
                                        tables: tables.baseAddress, step: 0.5, offset: 400, base: 0.25,
                                        best: best)
                                    var scan = mk_scan(
                                        blocks: codes.assumingMemoryBound(to: UInt8.self), first: 0,
                                        end: Int64(blocks),
                                        groups: Int64(groups), rows: Int64(rows),
                                        mask: masked ? mask.baseAddress : nil, first_row: 7, is_far: 0)
                                    kernels.scan(&scan, &query, 1)
                                }
                            }
                            mk_candidates_sort(best)
                        }
                        return Array(items[..<Int(best.count)])
                    }
                }
                let (a, b) = (found(Self.kernels(set)), found(Self.scalar))
                #expect(a.map(\.row) == b.map(\.row))
                #expect(zip(a, b).allSatisfy { abs($0.score - $1.score) < 1e-3 })
            }
        }
    }

    @Test(arguments: sets) func productsAreThoseOfFloats(set: Int) {
        var random = SplitMix64(state: 9)
        for dimensions in [1, 7, 31, 64, 100, 384, 1025] {
            let rows = 9
            let query = (0..<dimensions).map { _ in Float(random.below(2000)) / 1000 - 1 }
            let values = (0..<rows * dimensions).map { _ in Float(random.below(2000)) / 1000 - 1 }
            var halves = [UInt16](repeating: 0, count: values.count)
            mk_half_from_float(values, &halves, Int64(values.count))
            let bytes = values.map { Int8(($0 * 100).rounded()) }
            let scales = (0..<rows).map { 0.01 + Float($0) / 1000 }
            let numbers: [UInt32] = [3, 8, 0, 5]
            for kernels in [Self.kernels(set)] {
                var scores = [Float](repeating: 0, count: 4)
                func check(_ value: (Int, Int) -> Float) {
                    for (score, row) in zip(scores, numbers) {
                        let exact = (0..<dimensions).reduce(0.0) {
                            $0 + Double(query[$1]) * Double(value(Int(row), $1))
                        }
                        #expect(abs(Double(score) - exact) < 1e-4 * Double(max(1, dimensions)).squareRoot())
                    }
                }
                numbers.withUnsafeBufferPointer { numbers in
                    func run(_ rows: UnsafeRawPointer, _ call: (inout mk_rescore) -> Void) {
                        scales.withUnsafeBufferPointer { scales in
                            var rescore = mk_rescore(
                                rows: rows, dimensions: Int64(dimensions), scales: scales.baseAddress,
                                numbers: numbers.baseAddress,
                                count: 4)
                            call(&rescore)
                        }
                    }
                    values.withUnsafeBytes { bytes in
                        bytes.baseAddress.map { run($0) { kernels.scores_f32(&$0, query, &scores) } }
                    }
                    check { values[$0 * dimensions + $1] }
                    halves.withUnsafeBytes { bytes in
                        bytes.baseAddress.map { run($0) { kernels.scores_f16(&$0, query, &scores) } }
                    }
                    var back = [Float](repeating: 0, count: values.count)
                    mk_float_from_half(halves, &back, Int64(values.count))
                    check { back[$0 * dimensions + $1] }
                    bytes.withUnsafeBytes { raw in
                        raw.baseAddress.map { run($0) { kernels.scores_i8(&$0, query, &scores) } }
                    }
                    check { Float(bytes[$0 * dimensions + $1]) * scales[$0] }
                }
            }
        }
    }

    @Test func halvesRoundToEven() {
        var random = SplitMix64(state: 2)
        var values: [Float] = [
            0, -0, 1, 65504, 65519.9, 65520, 1e9, -.infinity, 5.9e-8, 2.98e-8, 2.99e-8, 6.1e-5, 6.0975e-5,
        ]
        values += (0..<5000).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: random.next())) }.filter(
            \.isFinite)
        var halves = [UInt16](repeating: 0, count: values.count)
        mk_half_from_float(values, &halves, Int64(values.count))
        #if !arch(x86_64) || os(Linux)
        for (value, half) in zip(values, halves) { #expect(half == Float16(value).bitPattern, "\(value)") }
        #endif
    }

    @Test func packedNumbersComeBack() {
        var random = SplitMix64(state: 6)
        for bits in 0...32 {
            let values = (0..<128).map { _ in
                bits == 0 ? 0 : UInt32(truncatingIfNeeded: random.next()) >> UInt32(32 - bits)
            }
            var bytes = [UInt8](repeating: 0, count: max(1, bits * 16))
            var back = [UInt32](repeating: 1, count: 128)
            mk_pack128(values, Int32(bits), &bytes)
            mk_unpack128(bytes, Int32(bits), &back)
            #expect(back == values)
        }
    }

    @Test func rowsOfPostingsAreFound() {
        var random = SplitMix64(state: 11)
        for _ in 0..<50 {
            var row: UInt32 = 0
            var rows = (0..<128).map { _ in
                row += UInt32(1 + random.below(5))
                return row
            }
            let counts = (0..<128).map { _ in UInt32(1 + random.below(9)) }
            var differences = (0..<128).map { rows[$0] - ($0 == 0 ? 0 : rows[$0 - 1]) }
            var counted = counts.map { $0 - 1 }
            #expect(mk_posting_rows(&differences, &counted, 0) == 1)
            #expect(differences == rows && counted == counts)
            for row in 0...row + 1 {
                let expected = rows.firstIndex { $0 >= row } ?? 128
                #expect(mk_posting_place(rows, Int64(random.below(expected + 1)), row) == Int64(expected))
            }
            // Added where a place is a row, up to the last one that is asked for.
            var table = mk_bm25()
            mk_bm25_prepare(&table, 1.2, 0.75, 20)
            let lengths = (0...Int(row) + 50).map { _ in UInt16(random.below(300)) }
            let places = (0..<row + 30).filter { _ in random.below(3) == 0 }
            var scores = [Float](repeating: 1, count: Int(row) + 40)
            let last = rows[100]
            let done = mk_bm25_add_found(
                &table, rows, counts, lengths, 2, 3, last, places, Int64(places.count), &scores)
            #expect(Int(done) == places.filter { $0 + 3 <= last }.count)
            for place in scores.indices {
                let at = rows.firstIndex(of: UInt32(place) + 3)
                let isAdded = at.map { $0 <= 100 && places.contains(UInt32(place)) } ?? false
                let part = mk_bm25_part(&table, counts[at ?? 0], UInt32(lengths[Int(place) + 3]))
                #expect(abs(scores[place] - (isAdded ? 1 + 2 * part : 1)) < 1e-5)
            }
            rows.swapAt(40, 41)
            #expect(mk_ascends(rows, 128) == 0 && mk_ascends(rows, 41) == 1)
        }
    }

    @Test func placesAboveALimitAreKept() {
        var random = SplitMix64(state: 12)
        for count in [0, 1, 31, 32, 33, 100, 4096] {
            let values = (0..<count).map { _ in Float(random.below(100)) }
            var places = [UInt32](repeating: 0, count: max(1, count))
            let found = mk_places_above(values, Int64(count), 60, &places)
            #expect(places[..<Int(found)].map { Int($0) } == values.indices.filter { values[$0] > 60 })
            let kept = mk_places_kept(values, &places, found, 90)
            #expect(places[..<Int(kept)].map { Int($0) } == values.indices.filter { values[$0] > 90 })
        }
    }

    @Test func theChecksumIsCRC32C() {
        // The check value of the catalogue of parametrised CRC algorithms, and the first vector of RFC 3720,
        // B.4.
        #expect(mk_crc32c(0, Array("123456789".utf8), 9) == 0xE306_9283)
        #expect(mk_crc32c(0, [UInt8](repeating: 0, count: 32), 32) == 0x8A91_36AA)
        let whole = (0..<100).map { UInt8($0) }
        #expect(mk_crc32c(mk_crc32c(0, whole, 37), Array(whole[37...]), 63) == mk_crc32c(0, whole, 100))
    }

    @Test func codesOfColumnsBecomeBits() {
        var random = SplitMix64(state: 8)
        for count in [1, 63, 64, 65, 1000] {
            let codes = (0..<count).map { _ in UInt32(random.below(300)) }
            let wide = (0..<count).map { UInt16(codes[$0]) }
            let small = (0..<count).map { UInt8(truncatingIfNeeded: codes[$0]) }
            var bits = [UInt64](repeating: 0, count: (count + 63) / 64)
            func check(_ condition: (Int) -> Bool) {
                for index in 0..<count {
                    #expect((bits[index / 64] >> UInt64(index % 64) & 1 == 1) == condition(index))
                }
            }
            mk_codes_in_range(codes, 4, Int64(count), 20, 200, &bits)
            check { (20..<200).contains(codes[$0]) }
            mk_codes_in_range(wide, 2, Int64(count), 0, 1, &bits)
            check { wide[$0] == 0 }
            mk_codes_in_range(small, 1, Int64(count), 250, 256, &bits)
            check { small[$0] >= 250 }
            let set: [UInt64] = [0xF0F0, 1, 1 << 63]
            mk_codes_in_set(codes, 4, Int64(count), set, 191, &bits)
            check { codes[$0] <= 191 && set[Int(codes[$0]) / 64] >> UInt64(codes[$0] % 64) & 1 == 1 }
        }
    }
}
