"""Engines that search by words, on the same texts, one thread each: python words.py FOLDER N

    pip install tantivy
"""
import re
import sqlite3
import sys
import time

folder, count = sys.argv[1], int(sys.argv[2])
TEXTS = open(f"{folder}/texts.txt").read().split("\n")[:count]
WORDS = re.compile(r"\w+")
QUESTIONS = [WORDS.findall(" ".join(q.split()[:8])) for q in open(f"{folder}/questions.txt").read().split("\n")[:1000]]


def tantivy_(texts):
    import tantivy
    schema = tantivy.SchemaBuilder().add_text_field("t", stored=False).add_integer_field("id", stored=True, fast=True).build()
    index = tantivy.Index(schema)
    writer = index.writer(100_000_000, 1)
    for i, text in enumerate(texts):
        writer.add_document(tantivy.Document(t=text, id=i))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    return lambda words: searcher.search(index.parse_query(" ".join(words), ["t"]), 10).hits


def fts5(texts):
    database = sqlite3.connect(":memory:")
    database.execute("create virtual table t using fts5(x, content='')")
    database.executemany("insert into t(rowid, x) values (?, ?)", enumerate(texts))
    ask = "select rowid from t where t match ? order by bm25(t) limit 10"
    return lambda words: database.execute(ask, (" OR ".join(f'"{word}"' for word in words),)).fetchall()


for name, make in (("tantivy, eight words, any of them", tantivy_), ("SQLite FTS5, the same", fts5)):
    try:
        began = time.process_time()
        search = make(TEXTS)
        built = time.process_time() - began
        asked = [words for words in QUESTIONS if words][: 1000 if make is tantivy_ else 200]
        wall, cpu = [], []
        for words in asked:
            start, spent = time.perf_counter(), time.process_time()
            search(words)
            wall.append((time.perf_counter() - start) * 1e3)
            cpu.append((time.process_time() - spent) * 1e3)
        wall.sort()
        cpu.sort()
        at = lambda values, share: values[int(len(values) * share)]  # noqa: E731
        print(f"| {name} | – | p50 {at(wall, .5):.2f} ms, p99 {at(wall, .99):.2f}; CPU p50 {at(cpu, .5):.2f}, p99 {at(cpu, .99):.2f}; "
              f"built in {built:.1f} CPU-seconds |")
    except Exception as error:  # an engine that is not installed is left out, and that is said
        print(f"| {name} | – | {type(error).__name__}: {error} |")
