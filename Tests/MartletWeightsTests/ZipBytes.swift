/// Makes zip files of stored members (APPNOTE.TXT 6.3.10).
struct ZipBytes {
    /// Whether every size and offset is one of 64 bits, as in files above 4 GiB.
    var isWide = false
    private var bytes: [UInt8] = []
    private var directory: [UInt8] = []
    private var count = 0

    mutating func add(_ name: String, _ data: [UInt8], method: UInt16 = 0) {
        let offset = UInt32(bytes.count)
        func common(_ target: inout [UInt8], extra: Int, size: UInt32) {
            for value in [10, 0, method, 0, 0] { target.put(value) }
            for value in [0, size, size] { target.put(value) }
            for value in [UInt16(name.utf8.count), UInt16(extra)] { target.put(value) }
        }
        bytes.put(UInt32(0x0403_4b50))
        common(&bytes, extra: 0, size: UInt32(data.count))
        bytes += name.utf8
        bytes += data
        directory.put(UInt32(0x0201_4b50))
        directory.put(UInt16(10))
        // Before the field that counts stands one that means something else.
        var extra: [UInt8] = []
        for value in [0x5455, 2, 7, 1, UInt16(24)] { extra.put(value) }
        for value in [data.count, data.count, Int(offset)] { extra.put(UInt64(value)) }
        common(&directory, extra: isWide ? extra.count : 0, size: isWide ? .max : UInt32(data.count))
        for value in [UInt16(0), 0, 0] { directory.put(value) }
        for value in [UInt32(0), isWide ? .max : offset] { directory.put(value) }
        directory += name.utf8
        if isWide { directory += extra }
        count += 1
    }

    func finished() -> [UInt8] {
        var result = bytes + directory
        if isWide {
            let place = result.count
            result.put(UInt32(0x0606_4b50))
            result.put(UInt64(44))
            for value in [UInt16(45), 45] { result.put(value) }
            for value in [UInt32(0), 0] { result.put(value) }
            for value in [count, count, directory.count, bytes.count] { result.put(UInt64(value)) }
            for value in [UInt32(0x0706_4b50), 0] { result.put(value) }
            result.put(UInt64(place))
            result.put(UInt32(1))
        }
        result.put(UInt32(0x0605_4b50))
        for value in [0, 0, isWide ? .max : UInt16(count), isWide ? .max : UInt16(count)] {
            result.put(value)
        }
        for value in [UInt32(directory.count), isWide ? .max : UInt32(bytes.count)] { result.put(value) }
        result.put(UInt16(0))
        return result
    }
}
