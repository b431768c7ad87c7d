import MartletSystem
import MartletTestSupport
import Testing

@testable import MartletData

@Suite struct GlobPatternTests {
    static let table: [(String, [String], [String])] = [
        ("*.md", ["a.md", ".md", "deep/er/a.md"], ["a.mdx", "a", "a.md/x"]),
        ("docs/*.md", ["docs/a.md"], ["docs/x/a.md", "a.md", "docs/a.txt"]),
        ("**/*.md", ["a.md", "x/y/a.md"], ["a.txt"]),
        ("a/**/z", ["a/z", "a/b/z", "a/b/c/z"], ["a", "z", "a/b"]),
        ("?[a-c][!x].t[xy]t", ["1ay.txt", "éb1.tyt"], ["1ax.txt", "1d1.txt", "ab.txt"]),
        ("[", ["["], ["a"]), ("a[]b]", ["a]", "ab"], ["a"]), ("*a*b*", ["ab", "xaxbx", "aab"], ["ba", "a"]),
    ]

    @Test(arguments: table)
    func `patterns match whole paths`(pattern: String, matching: [String], others: [String]) {
        let glob = GlobPattern(pattern)
        for path in matching { #expect(glob.matches(path), "\(path)") }
        for path in others { #expect(!glob.matches(path), "\(path)") }
    }

    @Test func `many stars take no time`() {
        #expect(
            !GlobPattern(String(repeating: "*a", count: 30) + "b").matches(
                String(repeating: "a", count: 2000)))
    }
}

@Suite struct FolderWalkTests {
    private let folder: TemporaryFolder
    private var root: String { "\(folder.path)/docs" }

    init() throws {
        folder = try TemporaryFolder()
        for name in [
            "docs/b.md", "docs/a.txt", "docs/sub/c.jsonl", "docs/sub/deeper/d.csv.gz", "docs/e.png",
            "docs/.hidden.md", "docs/.git/f.md",
        ] {
            _ = try folder.file(name, "x")
        }
        try folder.link("docs/sub/loop", to: root)
    }

    private func names(_ walk: FolderWalk) -> [String] {
        walk.files.map { String($0.dropFirst(root.count + 1)) }
    }

    @Test func `files of known formats are found in order, links in a circle are not followed twice`() throws
    {
        let walk = try FolderWalk(root)
        #expect(names(walk) == ["a.txt", "b.md", "sub/c.jsonl", "sub/deeper/d.csv.gz"])
        #expect(walk.leftOut == 1)
    }

    @Test func `a name that is not UTF-8 is an error that says so`() throws {
        let bytes = Array("\(root)/x".utf8).map { CChar(bitPattern: $0) } + [CChar(bitPattern: 0xFF), 0]
        guard let file = fopen(bytes, "w") else { return }  // a file system that takes no such name
        fclose(file)
        #expect { try FolderWalk(root) } throws: { error in
            "\(error)".contains("has a name that is not UTF-8")
        }
    }

    @Test func `patterns choose`() throws {
        #expect(
            names(try FolderWalk(root, including: [GlobPattern("*.md"), GlobPattern("*.png")])) == [
                "b.md", "e.png",
            ])
        #expect(names(try FolderWalk(root, including: [GlobPattern("sub/*")])) == ["sub/c.jsonl"])
        #expect(names(try FolderWalk(matching: "\(root)/*.md")) == ["b.md"])
        #expect(
            names(try FolderWalk(matching: "\(root)/**/*.[cj]*")) == ["sub/c.jsonl", "sub/deeper/d.csv.gz"])
        #expect(try FolderWalk(matching: "\(root)/*.none").files.isEmpty)
    }

    @Test func `a folder that is missing is an error`() {
        #expect(throws: DataError.self) { try FolderWalk("\(root)/none") }
    }
}
