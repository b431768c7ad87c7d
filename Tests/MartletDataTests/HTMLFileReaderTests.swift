import MartletTestSupport
import Testing

@testable import MartletData

@Suite struct HTMLFileReaderTests {
    private static let page = """
        <!doctype html><html><head><title>Unseen</title><style>p { color: red }</style></head>
        <body><h1>Tea &amp; milk</h1><p>Boil <b>water</b>.<br>Wait.<script>run("x < y")</script><p hidden>No</p>
        """
    private static let visible = "Tea & milk\n\nBoil water.\nWait."

    @Test(arguments: 1...7)
    func `a file is its visible text, under its path`(step: Int) {
        let reader = HTMLFileReader(.text(Self.page, step: step), limits: ReaderLimits(blockSize: step))
        #expect(readAll(reader) == [.text(Self.visible, .text("in"), 0)])
    }

    @Test(arguments: ["", "<", "<p", "</", "<!--", "&#", "<script>"])
    func `what is cut short is no error`(source: String) {
        #expect(readAll(HTMLFileReader(.text(source))).count == 1)
    }

    @Test func `invalid UTF-8 names the line`() {
        let given = readAll(HTMLFileReader(.bytes(Array("<p>a\n<p>b".utf8) + [0xFF])))
        #expect("\(given)".contains("in:2: not UTF-8"))
    }

    @Test(arguments: ["a.html", "a.HTM", "a.xhtml", "a.html.gz", "notes/a.htm.zst"])
    func `the name says that a file is HTML`(name: String) {
        #expect(InputFormat.forFile(name) == .html)
    }

    @Test func `a folder's pages are read beside its other files`() throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("a.html", Self.page)
        _ = try folder.file("b.md", "# <b>\n")
        let walk = try FolderWalk(folder.path)
        let source = FileSource(walk.files.map { .file($0, InputFormat.forFile($0) ?? .lines) })
        #expect(try source.readAll().map(\.text) == [Self.visible, "# <b>"])
    }
}
