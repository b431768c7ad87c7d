import MartletSystem
import Testing

@Suite struct FolderTests {
    @Test func namesAreSortedAndComplete() throws {
        let scratch = Scratch()
        #expect(try Folder.names(in: scratch.path).isEmpty)
        for name in ["b", "a", ".c"] { try scratch.write(name, count: 1, modified: 1) }
        #expect(try Folder.names(in: scratch.path) == [".c", "a", "b"])
    }

    /// A folder that cannot be read does not look empty.
    @Test func aFolderThatCannotBeReadIsAnError() throws {
        let scratch = Scratch()
        try scratch.write("a", count: 1, modified: 1)
        let missing = #expect(throws: FileError.self) { try Folder.names(in: "\(scratch.path)/b") }
        #expect(missing?.code == ENOENT)
        let file = #expect(throws: FileError.self) { try Folder.names(in: "\(scratch.path)/a") }
        #expect(file?.code == ENOTDIR)
    }
}
