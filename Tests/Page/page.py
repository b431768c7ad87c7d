"""What the page at / shows, checked against what the server answers programs. Tests/Page/run runs it."""

import csv as csv_module
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

import numpy
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect, sync_playwright

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Clients"))
from served import CROSS_ENCODER, MINILM, ROOT, Served  # noqa: E402

QUERY = "something to eat"
# Everything that one of the three languages could take for its own.
ODD = ["it's \"quoted\" `here` $HOME", "back\\slash \\(x) \\u0041 #\"# \"##", "日本語 🐦 naïve", "a\ttab {braces} %d"]
expect.set_options(timeout=20_000)


class Browser:
    """Pages that fail the test if they ask another host for anything, or print an error."""

    def __init__(self, chromium, server):
        self.chromium, self.server, self.problems, self.requests = chromium, server, [], []

    def page(self, width=1280, height=900, scheme="light"):
        context = self.chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        page = context.new_page()
        page.on("request", self.asked)
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("console", lambda message: self.problems.append(message.text) if message.type == "error" else None)
        answer = page.goto(self.server.url + "/")
        assert answer.headers["content-type"] == "text/html; charset=utf-8", answer.headers
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        return page

    def asked(self, request):
        self.requests.append(request.url)
        if not request.url.startswith((self.server.url + "/", "data:")):
            self.problems.append(f"asked {request.url}")

    def close(self, *allowed):
        """No problem but the allowed ones."""
        left = [problem for problem in self.problems if not any(word in problem for word in allowed)]
        assert not left, left
        assert any(url.startswith(self.server.url + "/") for url in self.requests)
        for context in self.chromium.contexts:
            context.close()


def ready(page):
    expect(page.locator("#status")).to_contain_text("tokens")


def embed(page, texts):
    page.fill("#texts", "\n".join(texts))
    page.press("#texts", "Control+Enter")
    expect(page.locator("#status")).to_contain_text(f"{len(texts)} line")
    expect(page.locator("#embed")).not_to_have_attribute("aria-busy", "true")


def number(text):
    return float(text.replace("−", "-"))


def normalized(rows):
    rows = numpy.array(rows)
    return rows / numpy.linalg.norm(rows, axis=1, keepdims=True)


def heat_map(page, cosines):
    page.locator("#tableBox summary").click()
    rows = page.locator("#table tbody tr")
    expect(rows).to_have_count(len(cosines))
    shown = numpy.array([[number(cell) for cell in row.locator("td").all_inner_texts()] for row in rows.all()])
    assert numpy.abs(shown - cosines).max() < 1e-4, numpy.abs(shown - cosines).max()
    # The cells of the picture are the darker the greater the number.
    size = len(cosines)
    shades = numpy.array(page.evaluate("""size => {
        const canvas = document.getElementById("heat"), context = canvas.getContext("2d"), ratio = devicePixelRatio;
        const rows = [];
        for (let y = 0; y < size; y++) rows.push([...Array(size).keys()].map(x => {
            const at = (i, start) => Math.round((start + i * grid.size + 2) * ratio);
            const [r, g, b] = context.getImageData(at(x, grid.gutter), at(y, grid.head), 1, 1).data;
            return r + g + b;
        }));
        return rows;
    }""", size))
    order = numpy.argsort(cosines, axis=None)
    assert (numpy.diff(shades.flatten()[order]) <= 3).all(), "a greater cosine has a lighter cell"
    assert shades.max() - shades.min() > 400
    # By keys: from the first cell two to the right and one down.
    page.locator("#heat").focus()
    for key in ("ArrowLeft", "ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    expect(page.locator("#say")).to_contain_text("between line 2 “")
    assert abs(number(page.locator("#heatRead b").inner_text()) - cosines[1][2]) < 1e-4
    page.keyboard.press("Tab")
    # By pointer.
    box, grid = page.locator("#heat").bounding_box(), page.evaluate("({size: grid.size, gutter: grid.gutter, head: grid.head})")
    page.mouse.move(box["x"] + grid["gutter"] + 3.5 * grid["size"], box["y"] + grid["head"] + 4.5 * grid["size"])
    expect(page.locator("#heatRead")).to_contain_text("line 5 “")
    assert abs(number(page.locator("#heatRead b").inner_text()) - cosines[4][3]) < 1e-4
    page.locator("#tableBox summary").click()


def point_map(page, vectors):
    centred = vectors - vectors.mean(axis=0)
    left, values, _ = numpy.linalg.svd(centred, full_matrices=False)
    wanted = left[:, :2] * values[:2]
    circles = page.locator("#map g[data-i] circle").all()
    shown = numpy.array([[float(c.get_attribute("cx")), -float(c.get_attribute("cy"))] for c in circles])
    shown -= shown.mean(axis=0)
    shown *= numpy.linalg.norm(wanted) / numpy.linalg.norm(shown)
    for axis in range(2):
        worst = min(numpy.abs(shown[:, axis] - sign * wanted[:, axis]).max() for sign in (1, -1))
        assert worst < 0.01, f"axis {axis} of the map is off by {worst}"
    share = round(100 * (values[:2] ** 2).sum() / (values**2).sum())
    expect(page.locator("#share")).to_contain_text(f"{share} % of the variance")
    # By keys.
    page.locator("#map g[data-i='0']").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#map g[data-i='1']")).to_be_focused()
    nearest = max((j for j in range(len(vectors)) if j != 1), key=lambda j: vectors[1] @ vectors[j])
    expect(page.locator("#mapRead")).to_contain_text(f"is nearest to {nearest + 1} “")
    assert page.locator("#links line").count() == 3


def hits(page):
    return [
        (number(hit.locator(".score").inner_text()), int(hit.locator(".note").inner_text().removeprefix("line ")) - 1)
        for hit in page.locator("#hits li").all()
    ]


def equal_hits(shown, wanted):
    assert [index for _, index in shown] == [index for _, index in wanted], (shown, wanted)
    assert all(abs(a - b) < 1e-4 for (a, _), (b, _) in zip(shown, wanted, strict=True)), (shown, wanted)


def search(page, server, vectors):
    page.fill("#query", QUERY)
    page.press("#query", "Enter")
    expect(page.locator("#searchRead")).to_contain_text("Ordered by the cosine")
    query = normalized(server.vectors([QUERY], input_type="query"))[0]
    equal_hits(hits(page), sorted(((score, index) for index, score in enumerate(vectors @ query)), reverse=True))
    expect(page.locator("#map path")).to_have_count(1)


def code(page, language):
    page.click(f"#t-{language}")
    expect(page.locator(f"#t-{language}")).to_have_attribute("aria-selected", "true")
    return page.locator("#code").inner_text()


def ran(*command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{command}: {done.stderr}\n{text}"
    return done.stdout


def snippets(page, server, swift):
    """Each is run as it stands, with lines that are hard to quote."""
    embed(page, ODD)
    wanted = server.vectors(ODD)
    answer = json.loads(ran("bash", text=code(page, "curl")))
    assert [row["embedding"] for row in answer["data"]] == wanted
    # A line after the page's own, so that more than the count is compared.
    python = code(page, "python") + "\nimport json\nprint(json.dumps([row.embedding for row in answer.data]))"
    printed = ran(sys.executable, "-", text=python).splitlines()
    assert printed[0] == str([384] * len(ODD))
    assert numpy.abs(numpy.array(json.loads(printed[1])) - wanted).max() < 1e-6
    program = code(page, "swift")
    if swift and shutil.which("swiftc"):
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder) / "main.swift"
            source.write_text(program)
            ran("swiftc", "-swift-version", "6", str(source), "-o", folder + "/main")
            assert ran(folder + "/main").strip() == str([384] * len(ODD))
    # By keys: from Swift on to curl.
    page.locator("#t-swift").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#t-curl")).to_be_focused()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("#copy")
    expect(page.locator("#copy")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#code").inner_text()


def files(page):
    page.set_input_files("#file", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"one cat\r\n\r\n two dogs \n"})
    expect(page.locator("#count")).to_have_text("2 lines")
    expect(page.locator("#map g[data-i]")).to_have_count(2)
    transfer = page.evaluate_handle("""() => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(["red\\ngreen\\nblue\\nblue"], "b.txt", { type: "text/plain" }));
        return transfer;
    }""")
    page.locator("#texts").dispatch_event("drop", {"dataTransfer": transfer})
    expect(page.locator("#map g[data-i]")).to_have_count(4)
    # What is cut is told.
    embed(page, ["short", "long " * 400])
    expect(page.locator("#status")).to_contain_text("line 2 was cut from 402 to 256 tokens")
    for texts, circles in ((["one"], 0), (["same", "same", "same"], 3), ([f"line {i}" for i in range(300)], 300)):
        embed(page, texts)
        expect(page.locator("#map g[data-i]")).to_have_count(circles)
    expect(page.locator("#heatRead")).to_contain_text("300 lines in ")
    page.check("#single")
    expect(page.locator("#heatRead")).to_contain_text("The first 150 of 300 lines")
    page.uncheck("#single")
    page.click("#clear")
    expect(page.locator("#status")).to_have_text("Give at least one line.")
    expect(page.locator("#map g[data-i]")).to_have_count(0)


def dropped(page, name, text):
    page.set_input_files("#file", {"name": name, "mimeType": "text/plain", "buffer": text.encode()})


def records(page, server):
    """Files of records: their texts, their fields, their errors, and the files that are saved of them."""
    csv = 'id,body,year\n1,"a cat, ""asleep""",2020\n2,"two\nlines",2021\n3,,2022\n4,dogs bark,2023\n'
    texts = ['a cat, "asleep"', "two lines", "dogs bark"]
    dropped(page, "a.csv", csv)
    expect(page.locator("#fileNote")).to_have_text("a.csv: 4 records, 1 without a text in body.")
    expect(page.locator("#map g[data-i]")).to_have_count(3)
    assert page.input_value("#texts").split("\n") == texts and page.input_value("#column") == "body"
    page.locator("#map g[data-i='2'] circle").hover()
    expect(page.locator("#mapRead")).to_contain_text("id: 4 · year: 2023")
    wanted = server.vectors(texts)

    def saved(kind):
        page.select_option("#format", kind)
        with page.expect_download() as download:
            page.click("#save")
        assert download.value.suggested_filename == f"vectors.{kind}"
        return pathlib.Path(download.value.path())

    assert numpy.array_equal(numpy.load(saved("npy")), numpy.float32(wanted))
    rows = [json.loads(line) for line in saved("jsonl").read_text().splitlines()]
    assert [(row["text"], row["id"], row["year"]) for row in rows] == list(zip(texts, "124", ("2020", "2021", "2023"), strict=True))
    assert numpy.array_equal(numpy.float32([row["embedding"] for row in rows]), numpy.float32(wanted))
    with saved("csv").open(newline="") as file:
        rows = list(csv_module.DictReader(file))
    assert [row["text"] for row in rows] == texts and rows[2]["id"] == "4"
    assert numpy.array_equal(numpy.float32([[row[f"v{d}"] for d in range(384)] for row in rows]), numpy.float32(wanted))

    # Fields whose names are those of the page's own columns keep their values under another name.
    dropped(page, "a.jsonl", "".join(json.dumps({"body": body, "text": "t", "embedding": 1, "v0": 2, "text_": 3}) + "\n" for body in ("one cat", "two dogs")))
    expect(page.locator("#map g[data-i]")).to_have_count(2)
    page.select_option("#column", "body")
    expect(page.locator("#texts")).to_have_value("one cat\ntwo dogs")
    expect(page.locator("#embed")).not_to_have_attribute("aria-busy", "true")
    row = json.loads(saved("jsonl").read_text().splitlines()[1])
    own = {name: row[name] for name in row if name != "embedding"}
    assert own == {"text": "two dogs", "text__": "t", "embedding_": 1, "v0": 2, "text_": 3}, own
    assert len(row["embedding"]) == 384
    with saved("csv").open(newline="") as file:
        head, row = list(csv_module.reader(file))[:2]
    cells = dict(zip(head, row, strict=True))
    assert len(cells) == len(head) and cells["text"] == "one cat" and cells["text__"] == "t" and cells["v0_"] == "2" and cells["v0"] != "2"

    dropped(page, "a.jsonl", '{"title": "x", "text": "one"}\n\n{"title": "y", "text": "two", "tags": ["a"]}\n"three"\n')
    expect(page.locator("#map g[data-i]")).to_have_count(3)
    page.select_option("#column", "title")
    expect(page.locator("#map g[data-i]")).to_have_count(2)
    expect(page.locator("#fileNote")).to_contain_text("1 without a text in title")
    dropped(page, "a.json", '[{"text": "one"}, {"text": "two"}]')
    expect(page.locator("#fileNote")).to_have_text("a.json: 2 records.")
    for name, text, said in (
        ("a.jsonl", '{"a": "b"}\n{"a": \n', "line 2 is not JSON"), ("a.csv", "a,b\n1\n", "record 1 has 1 cell, and the header has 2"),
        ("a.csv", "a,a\n1,2\n", "two columns have one name"), ("a.csv", 'a\n"b', "a quoted cell has no end"),
        ("a.json", '{"a": 1}', "expected a list of records"), ("a.jsonl", '{"a": 1}', "no record has a text"), ("a.jsonl", "[1]", "record 1 is neither"),
    ):
        dropped(page, name, text)
        expect(page.locator("#error")).to_contain_text(said)


def clusters(page, server):
    """Texts of two kinds: two clusters, which the heat map of many lines is made of, a map that zooms, and tokens."""
    texts = [f"the cat number {i} sleeps on the sofa" for i in range(40)] + [f"interest rates rose by {i} percent" for i in range(30)]
    embed(page, texts)
    # As many as there are kinds.
    expect(page.locator("#clusterLegend li")).to_have_count(2)
    page.select_option("#clusters", "3")
    expect(page.locator("#clusterLegend li")).to_have_count(3)
    page.select_option("#clusters", "2")
    assert [text.rsplit(" ", 1)[1] for text in page.locator("#clusterLegend li").all_inner_texts()] == ["(40)", "(30)"]
    fills = page.evaluate("[...document.querySelectorAll('#map g[data-i] circle')].map(c => getComputedStyle(c).fill)")
    assert len(set(fills[:40])) == len(set(fills[40:])) == 1 and fills[0] != fills[-1], set(fills)
    vectors = normalized(server.vectors(texts))
    cosines = vectors @ vectors.T
    page.locator("#heat").focus()
    for key in ("ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
    assert abs(number(page.locator("#heatRead b").inner_text()) - (cosines[:40, :40].sum() - 40) / (40 * 39)) < 1e-3
    page.keyboard.press("ArrowRight")
    expect(page.locator("#say")).to_contain_text("is the mean between 40 lines like “the cat")
    # The cosines of clusters are computed once, not at each move.
    page.evaluate("""() => { window.reads = 0; window.kept = vectors;
        vectors = new Proxy(vectors, { get: (all, name) => { if (/^\\d+$/.test(String(name))) window.reads++; return all[name]; } }); }""")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("() => { vectors = window.kept; return window.reads; }") == 0
    assert abs(number(page.locator("#heatRead b").inner_text()) - cosines[:40, 40:].mean()) < 1e-3

    place = lambda i: float(page.locator(f"#map g[data-i='{i}'] circle").get_attribute("cx"))  # noqa: E731
    before = place(0) - place(69)
    page.click("#closer")
    assert abs((place(0) - place(69)) / before - 1.6) < 1e-3
    expect(page.locator("#whole")).to_be_visible()
    page.locator("#map g[data-i='0']").focus()
    expect(page.locator("#map .tip, #map g[data-i='0'] text")).to_have_count(1)
    page.click("#whole")
    assert abs(place(0) - place(69) - before) < 1e-6
    # Clusters and zoom go with their lines.
    page.click("#closer")
    embed(page, ["one"])
    expect(page.locator("#map g[data-i]")).to_have_count(0)
    expect(page.locator("#clusterLegend li")).to_have_count(0)
    expect(page.locator("#whole")).to_be_hidden()
    page.select_option("#clusters", "auto")

    page.fill("#tokenText", "a spaghetti, Übung")
    page.press("#tokenText", "Enter")
    wanted = server.json("/tokenize", {"inputs": "a spaghetti, Übung"})[0]
    expect(page.locator("#tokens li")).to_have_count(len(wanted))
    assert page.locator("#tokens small").all_inner_texts() == [str(token["id"]) for token in wanted]
    assert page.locator("#tokens .special").count() == 2
    expect(page.locator("#tokenRead")).to_contain_text(f"{len(wanted)} tokens")


def side_by_side(chromium):
    """Two models side by side: the same one agrees with itself."""
    with Served("--model", f"a={MINILM}", "--model", f"b={MINILM}", "--preload") as server:
        browser = Browser(chromium, server)
        page = browser.page()
        ready(page)
        assert page.input_value("#model") == "a" and page.input_value("#other") == "b"
        page.click("#compare")
        expect(page.locator("#twoRead")).to_have_text("Of the first 9 lines, 9 have the same nearest line; the rank correlation of all cosines is 1.000.")
        rows = page.locator("#two tbody tr")
        vectors = normalized(server.vectors(page.input_value("#texts").split("\n"), model="a"))
        for i, row in enumerate(rows.all()):
            nearest = max((j for j in range(len(vectors)) if j != i), key=lambda j: vectors[i] @ vectors[j])
            first, second = row.locator("td").all_inner_texts()
            assert first == second and first.startswith(f"{nearest + 1} ") and abs(number(first.split()[-1]) - vectors[i] @ vectors[nearest]) < 1e-3
        found = Axe().run(page).response["violations"]
        assert not found, [(v["id"], [node["html"] for node in v["nodes"]]) for v in found]
        browser.close()


def gone(chromium):
    """A server that ends is told, and the page goes on when it is back."""
    with Served() as first:
        browser = Browser(chromium, first)
        page = browser.page()
        ready(page)
        port = first.url.rsplit(":", 1)[1]
        first.stop()
        first.ended = True
        page.fill("#texts", "one\ntwo\nthree")
        page.click("#embed")
        expect(page.locator("#error")).to_contain_text("cannot be reached")
    with Served("--port", port):
        expect(page.locator("#error")).to_be_empty()
        expect(page.locator("#map g[data-i]")).to_have_count(3)
        browser.close("ERR_CONNECTION", "503")


def accessible(browser):
    """No violation of WCAG that axe finds, in both schemes, and no line wider than a telephone."""
    for scheme, width in itertools.product(("light", "dark"), (1280, 360)):
        page = browser.page(width=width, scheme=scheme)
        ready(page)
        page.fill("#query", QUERY)
        page.press("#query", "Enter")
        expect(page.locator("#hits li")).to_have_count(9)
        page.locator("#tableBox summary").click()
        found = Axe().run(page).response["violations"]
        assert not found, [(v["id"], [node["html"] for node in v["nodes"]]) for v in found]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{width} pixels are not enough"


def plain(chromium):
    with Served() as server:
        browser = Browser(chromium, server)
        page = browser.page()
        ready(page)
        texts = page.input_value("#texts").split("\n")
        vectors = normalized(server.vectors(texts))
        heat_map(page, vectors @ vectors.T)
        point_map(page, vectors)
        search(page, server, vectors)
        expect(page.locator("#rankNote")).to_contain_text("martlet serve --model path/to/model --model path/to/cross-encoder")
        expect(page.locator("#rerank")).to_be_hidden()
        snippets(page, server, swift=True)
        files(page)
        records(page, server)
        clusters(page, server)
        accessible(browser)
        browser.close()


def reranker(chromium):
    for models, both in ((["--model", f"minilm={MINILM}", "--model", f"cross={CROSS_ENCODER}", "--preload"], True), (["--model", f"cross={CROSS_ENCODER}"], False)):
        with Served(*models) as server:
            browser = Browser(chromium, server)
            page = browser.page()
            expect(page.locator("#about")).to_contain_text("WordPiece")
            expect(page.locator("#rerank")).to_be_visible()
            expect(page.locator("#heat")).to_be_visible(visible=both)
            texts = page.input_value("#texts").split("\n")
            page.fill("#query", QUERY)
            page.click("#rerank")
            expect(page.locator("#searchRead")).to_contain_text("Ordered by cross")
            wanted = server.json("/rerank", {"model": "cross", "query": QUERY, "texts": texts})
            equal_hits(hits(page), [(hit["score"], hit["index"]) for hit in wanted])
            assert json.loads(ran("bash", text=code(page, "curl"))) == wanted
            assert len(ran(sys.executable, "-", text=code(page, "python")).splitlines()) == len(texts)
            browser.close()


def collected(chromium):
    """Records of a collection: found, marked, filtered."""
    records = [
        {"id": "pasta", "text": "Boil a litre of water for each 100 g of pasta.", "fields": {"tag": "food", "year": 2024}},
        {"id": "roses", "text": "Roses want sun and a deep soil.", "fields": {"tag": "garden", "year": 2022}},
    ]
    with tempfile.TemporaryDirectory() as data, Served("--data", data) as server:
        browser = Browser(chromium, server)
        page = browser.page()
        ready(page)
        expect(page.locator("#collectionBox")).to_be_hidden()
        server.json("/v1/collections", {"name": "notes"})
        server.json("/v1/collections/notes/records", {"records": records})
        page = browser.page()
        ready(page)
        expect(page.locator("#askRead")).to_have_text("Fields for conditions: tag (string), year (integer)")
        page.fill("#ask", "how do I cook spaghetti in boiling waters?")
        page.press("#ask", "Enter")
        rows = page.locator("#found li")
        expect(rows).to_have_count(2)
        wanted = server.json("/v1/collections/notes/search", {"query": "how do I cook spaghetti in boiling waters?", "top": 20})["hits"]
        for row, hit in zip(rows.all(), wanted, strict=True):
            assert hit["text"] in row.inner_text() and hit["id"] in row.inner_text() and f"tag: {hit['fields']['tag']}" in row.inner_text()
            assert abs(number(row.locator(".score").inner_text()) - hit["score"]) < 1e-4
        assert rows.nth(0).locator("mark").all_inner_texts() == ["Boil", "water"], rows.nth(0).inner_html()
        record_map(page, server)
        page.fill("#filter", 'tag = "garden"')
        page.select_option("#by", "vectors")
        page.press("#filter", "Enter")
        expect(rows).to_have_count(1)
        expect(rows).to_contain_text("Roses want sun")
        found = Axe().run(page).response["violations"]
        assert not found, [(v["id"], [node["html"] for node in v["nodes"]]) for v in found]
        page.fill("#filter", "yeer = 3")
        page.press("#filter", "Enter")
        expect(page.locator("#error")).to_contain_text('no record has a field "yeer"')
        browser.close("400")


def record_map(page, server):
    """The map of a collection: places, colours by a field, keys, and rings around what was found."""
    page.click("#draw")
    points = page.locator("#records g[data-i]")
    expect(points).to_have_count(2)
    expect(page.locator("#recordRead")).to_contain_text("2 records on the two main axes, 100 % of the variance")
    wanted = server.json("/v1/collections/notes/map", {})["points"]
    by_x = sorted(wanted, key=lambda point: point["x"])
    shown = sorted(points.all(), key=lambda g: float(g.locator("circle").get_attribute("cx")))
    for point, g in zip(by_x, shown, strict=True):
        assert point["id"] in g.get_attribute("aria-label") and "found" in (g.get_attribute("class") or ""), g
    fills = lambda: [g.locator("circle").get_attribute("fill") for g in points.all()]  # noqa: E731
    assert len(set(fills())) == 1
    for field, legend in (("tag", ["food (1)", "garden (1)"]), ("year", ["2022", "2024"])):
        page.select_option("#color", field)
        assert len(set(fills())) == 2, fills()
        assert page.locator("#legend li").all_inner_texts() == legend
    points.first.focus()
    page.keyboard.press("ArrowRight")
    expect(points.nth(1)).to_be_focused()
    expect(page.locator("#recordRead")).to_contain_text("year: 20")


def keyed(chromium):
    with Served("--api-key", "secret-key") as server:
        browser = Browser(chromium, server)
        page = browser.page()
        expect(page.locator("#error")).to_contain_text("asks for an API key")
        page.fill("#key", "wrong")
        page.press("#key", "Enter")
        expect(page.locator("#error")).to_contain_text("does not take this API key")
        page.fill("#key", "secret-key")
        page.press("#key", "Enter")
        ready(page)
        expect(page.locator("#error")).to_be_empty()
        expect(page.locator("#keyBox")).to_be_hidden()
        for language in ("curl", "python", "swift"):
            shown = code(page, language)
            assert "MARTLET_API_KEY" in shown and "secret-key" not in shown
        os.environ["MARTLET_API_KEY"] = "secret-key"
        assert "embedding" in ran("bash", text=code(page, "curl"))
        assert "384" in ran(sys.executable, "-", text=code(page, "python"))
        del os.environ["MARTLET_API_KEY"]
        server.process.terminate()
        server.process.wait(30)
        page.fill("#texts", "a line that the page has no vector of")
        page.click("#embed")
        expect(page.locator("#error")).to_contain_text("cannot be reached")
        browser.close("401", "ERR_CONNECTION")


def screenshots(chromium):
    folder = ROOT / "docs/images"
    folder.mkdir(parents=True, exist_ok=True)
    with Served() as server:
        for scheme in ("light", "dark"):
            browser = Browser(chromium, server)
            page = browser.page(width=1240, height=1240, scheme=scheme)
            ready(page)
            page.fill("#query", QUERY)
            page.press("#query", "Enter")
            expect(page.locator("#map path")).to_have_count(1)
            page.locator("#map g[data-i='3'] circle").hover()
            path = folder / f"page-{scheme}.png"
            page.screenshot(path=path)
            Image.open(path).convert("RGB").quantize(256, kmeans=3, dither=Image.Dither.NONE).save(path, optimize=True)
            print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")
            browser.close()


def main():
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not executable:
        raise SystemExit("no Chromium: apt-get install chromium, or name one in CHROMIUM")
    with sync_playwright() as playwright:
        # No name but this machine's is known to the browser.
        chromium = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"])
        print("Chromium", chromium.version)
        for test in [screenshots] if "--screenshots" in sys.argv else [plain, reranker, collected, keyed, side_by_side, gone]:
            test(chromium)
            print("passed:", test.__name__)
        chromium.close()


if __name__ == "__main__":
    main()
