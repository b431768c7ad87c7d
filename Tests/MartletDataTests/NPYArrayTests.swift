import Testing

@testable import MartletData

@Suite struct NPYArrayTests {
    private func array(_ header: String, body: Int) -> [UInt8] {
        [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
            + [UInt8](repeating: 0, count: body)
    }

    @Test func `arrays of NumPy's own making are read`() throws {
        let array = try NPYArray(
            array("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", body: 24), name: "x")
        #expect(array.rows == 2 && array.columns == 3 && array.values.count == 6)
    }

    @Test(arguments: [
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }",
        "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9223372036854775807), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 3), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': ", "",
    ])
    func `other arrays are errors`(header: String) {
        let error = #expect(throws: DataError.self) { try NPYArray(array(header, body: 24), name: "x") }
        #expect(error?.code == .malformed && error?.place == "x")
    }

    @Test func `cut files are errors`() {
        let whole = array("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", body: 24)
        for count in 0..<whole.count {
            #expect(throws: DataError.self) { try NPYArray(Array(whole[..<count]), name: "x") }
        }
    }
}
