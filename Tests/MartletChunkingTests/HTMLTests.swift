import Testing

@testable import MartletChunking

@Suite struct HTMLTests {
    static func visible(_ html: String) -> String { HTMLLayout.reading(SourceText(html)).visible.string }

    static func chunks(_ text: String, _ maxTokens: Int = 256) throws -> [Chunk] {
        let counter = try Tokenizers.counter("bert")
        let chunks = try HTMLChunker(size: .init(maxTokens: maxTokens)).chunks(
            of: Document(text), measuring: counter)
        Promises.check(chunks, of: text, counter, budget: maxTokens, usesSource: false)
        return chunks
    }

    @Test(
        arguments: [
            ("<p>One  two\n three</p><p>Four</p>", "One two three\n\nFour"), ("a<br>b", "a\nb"),
            ("a<b>b</b> c", "ab c"),
            ("<script>var a = '<p>no</p>';</script>yes<style>p { }</style>", "yes"),
            ("<script>if (a < b) {}</SCRIPT >yes", "yes"),
            ("<!-- <p>no</p> -->yes<!-- open", "yes"),
            ("AT&T &amp; &eacute;&#233;&#xE9; &copy2024 &nosuch; &", "AT&T & ééé ©2024 &nosuch; &"),
            ("&#0;&#x110000;&#xD800;&#", "\u{FFFD}\u{FFFD}\u{FFFD}&#"), ("1 < 2 and 3 <4", "1 < 2 and 3 <4"),
            ("<p>a<p>b", "a\n\nb"),
            ("<pre>a  b\n  c</pre>d", "a  b\n  c\n\nd"), ("<ul><li>a<li>b</ul>", "a\nb"),
            ("<table><tr><td>1</td><td>2</td><tr><td>3</table>", "1 2\n3"),
            ("<head><title>T</title></head><body>x", "x"), ("<div hidden>no<div>no</div>no</div>yes", "yes"),
            ("<span aria-hidden=\"true\">no</span>yes", "yes"),
            ("<a title=\"a > b\" href='x'>link</a>", "link"), ("<a title='unclosed>link", ""),
            ("</p></div>x", "x"), ("<img alt='x'/>y<hr/>z", "y\n\nz"),
            ("<p>漢字</p>", "漢字"), ("<textarea> a <b> </textarea>c", " a <b> \n\nc"),
            ("<svg><text>no</text></svg>yes", "yes"), ("<>a</>", "<>a</>"), ("", ""),
            ("<noscript><img></noscript>yes", "yes"), ("<template><p>no</p></template>yes", "yes"),
            ("<html><head><title>T</title><body>x", "x"), ("<p hidden>no<p>yes", "yes"),
            ("<div><p hidden>no</div>yes", "yes"), ("<p HIDDEN>no</p>yes", "yes"),
            ("<ul><li hidden>no<ul><li>no</ul>no<li>yes</ul>", "yes"),
            ("<ul><li>a<template><li>no</template>b</ul>", "ab"),
            ("<table><tr><td hidden>no<td>yes<tr hidden><td>no</table>", "yes"),
            ("<table><tr><td><p hidden>no<td>yes</table>", "yes"), ("<div><video src=x></div>yes", "yes"),
            ("a<span hidden>no<div>no<span>no</span></div></span>b", "ab"),
            ("<title>no</titled>no</title>yes", "yes"), ("<!-->yes<!--->too<!-- no -->", "yestoo"),
            ("It&#146;s &#150; &#x80;&#x81;", "It’s – €\u{81}"),
        ])
    func visibleText(html: String, text: String) { #expect(Self.visible(html) == text) }

    @Test func headingsMakeAPath() throws {
        let chunks = try Self.chunks(
            """
            <!doctype html><title>T</title>
            <h1>Kitchen &amp; <em>garden</em></h1>
            <p>Boil.</p>
            <h2>Pasta</h2>
            <div><p>Ten minutes.</p></div>
            """)
        #expect(chunks.map(\.headings) == [["Kitchen & garden"], ["Kitchen & garden", "Pasta"]])
        #expect(chunks.map(\.text) == ["Kitchen & garden\n\nBoil.\n\n", "Pasta\n\nTen minutes."])
        #expect(chunks.map(\.line) == [2, 4])
    }

    /// Any heading's end tag ends a heading, and so does the start tag of another.
    @Test func headingsEnd() throws {
        let chunks = try Self.chunks("<h1>A</h2><p>One.<h2>B<h3>C</h3>Two.<div><h2>D<p>E</div>Three.")
        #expect(chunks.map(\.headings) == [["A"], ["A", "B", "C"], ["A", "E"]])
        #expect(chunks.map(\.text) == ["A\n\nOne.\n\n", "B\n\nC\n\nTwo.\n\n", "D\n\nE\n\nThree."])
    }

    /// The time does not grow with the square of the depth.
    @Test(.timeLimit(.minutes(1)), arguments: ["<ul>", "<h1>", "<p hidden>"])
    func deepNesting(tag: String) {
        let text = Self.visible(String(repeating: "\(tag)x", count: 40_000))
        #expect(text.isEmpty == tag.contains("hidden"))
    }

    @Test func rangesAreOfTheSource() throws {
        let html =
            "<body>" + (0..<40).map { "<p class='x'>The cat number \($0) &amp; the mat.</p>\n" }.joined()
            + "</body>"
        let chunks = try Self.chunks(html, 40)
        let source = SourceText(html)
        #expect(chunks.count > 5)
        for chunk in chunks.dropFirst() {
            #expect(source.text(in: chunk.range).hasPrefix("<p class='x'>The cat"))
        }
    }

    @Test func listsStayWholeWhereTheyFit() throws {
        let counter = try Tokenizers.counter("bert")
        let items = (0..<10).map { "<li>The cat sat. Item \($0).</li>" }.joined()
        let html =
            "<p>" + String(repeating: "The cat sat on the mat. ", count: 10) + "</p><ul>" + items + "</ul>"
        let list = Self.visible("<ul>\(items)</ul>")
        let chunks = try Self.chunks(html, counter.count(list) + 8)
        #expect(chunks.last?.text == list)
    }

    @Test func nothingIsLostOfRandomTexts() throws {
        var random = RandomText(seed: 12)
        for round in 0..<80 {
            let counter = try Tokenizers.counter(["bert", "Kinds/gpt2"][round % 2])
            let text = random.next(random.below(500))
            let budget = counter.count("") + 30 + random.below(80)
            let chunks = try HTMLChunker(size: .init(maxTokens: budget, overlap: random.below(10))).chunks(
                of: Document(text), measuring: counter)
            if !chunks.isEmpty {
                Promises.check(chunks, of: text, counter, budget: budget, usesSource: false)
            }
            #expect(chunks.isEmpty == Self.visible(text).isEmpty)
            let joined = chunks.map { $0.text }.joined()
            if size(of: chunks) { #expect(joined == Self.visible(text)) }
        }
    }

    private func size(of chunks: [Chunk]) -> Bool { chunks.allSatisfy { $0.overlap == 0 } }

    /// Bytes of tags cut off anywhere, and doubled, crash nothing.
    @Test func damagedSources() throws {
        let html =
            "<!doctype html><html><head><title>a</title><body class=\"x\"><p>b &amp; c<ul><li>d</ul><script>e</script><!-- f --><![CDATA[ g ]]><?h?>"
        for end in html.indices {
            _ = Self.visible(String(html[..<end])) + Self.visible(String(html[end...]))
        }
    }
}
