"""Other engines on the same vectors and texts, one thread each, as far as they are installed: python peers.py FOLDER N

    pip install numpy faiss-cpu hnswlib tantivy
"""

import sys
import time

import numpy as np

folder, count = sys.argv[1], int(sys.argv[2])
X = np.fromfile(f"{folder}/texts.f32", np.float32).reshape(-1, 384)[:count]
Q = np.fromfile(f"{folder}/questions.f32", np.float32).reshape(-1, 384)[:300]
TEXTS = open(f"{folder}/texts.txt").read().split("\n")[: len(X)]
QUESTIONS = [" ".join(q.split()[:8]) for q in open(f"{folder}/questions.txt").read().split("\n")[:300]]
TRUTH = [set(np.argpartition(-(X @ q), 10)[:10].tolist()) for q in Q]


def measure(name, build, search, vectors=True):
    began = time.process_time()
    index = build()
    built = time.process_time() - began
    for i in range(20):
        search(index, i)
    times, hits = [], 0
    for i in range(len(Q)):
        began = time.thread_time()
        found = search(index, i)
        times.append((time.thread_time() - began) * 1e3)
        hits += len(TRUTH[i] & {int(x) for x in found}) if vectors else 0
    p10, p50, p99 = np.percentile(times, [10, 50, 99])
    recall = f"\trecall@10 {hits / len(Q) / 10:.4f}" if vectors else ""
    print(f"{name}\tbuild {built:.1f} CPU s\tp10 {p10:.3f}\tp50 {p50:.3f}\tp99 {p99:.3f} ms of CPU time{recall}", flush=True)


def faiss_engines():
    import faiss

    faiss.omp_set_num_threads(1)

    def hnsw():
        index = faiss.IndexHNSWFlat(384, 16, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = 100
        index.add(X)
        return index

    index = None
    for ef in (64, 256):
        def build():
            nonlocal index
            index = index or hnsw()
            index.hnsw.efSearch = ef
            return index

        measure(f"FAISS HNSW16, ef {ef}", build, lambda index, i: index.search(Q[i : i + 1], 10)[1][0])

    def flat():
        index = faiss.IndexFlatIP(384)
        index.add(X)
        return index

    measure("FAISS Flat f32", flat, lambda index, i: index.search(Q[i : i + 1], 10)[1][0])

    def rabitq():
        base = faiss.index_factory(384, "RaBitQfs", faiss.METRIC_INNER_PRODUCT)
        index = faiss.IndexRefineFlat(base)
        index.train(X)
        index.add(X)
        index.k_factor = 20
        return index

    measure("FAISS RaBitQ fast scan, 200 of f32", rabitq, lambda index, i: index.search(Q[i : i + 1], 10)[1][0])


def hnswlib_engine():
    import hnswlib

    index = hnswlib.Index("ip", 384)
    index.init_index(len(X), M=16, ef_construction=100)
    index.set_num_threads(1)
    built = False

    def build(ef):
        nonlocal built
        if not built:
            index.add_items(X)
        built = True
        index.set_ef(ef)
        return index

    for ef in (64, 256):
        measure(f"hnswlib M16, ef {ef}", lambda: build(ef), lambda index, i: index.knn_query(Q[i : i + 1], 10)[0][0])


def tantivy_engine():
    import re
    import tantivy

    words = re.compile(r"\w+")

    def build():
        schema = tantivy.SchemaBuilder().add_text_field("t", stored=False).add_integer_field("id", stored=True, fast=True).build()
        index = tantivy.Index(schema)
        writer = index.writer(100_000_000, 1)
        for i, text in enumerate(TEXTS):
            writer.add_document(tantivy.Document(t=text, id=i))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        return index, index.searcher()

    def search(pair, i):
        query = pair[0].parse_query(" ".join(words.findall(QUESTIONS[i])), ["t"])
        return pair[1].search(query, 10).hits

    measure("tantivy, eight words, OR", build, search, vectors=False)


for engine in (faiss_engines, hnswlib_engine, tantivy_engine):
    try:
        engine()
    except Exception as error:  # an engine that is not installed is left out, and that is said
        print(f"{engine.__name__}: {type(error).__name__}: {error}")
