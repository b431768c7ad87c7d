"""Needs numpy alone; columns of Arrow, pandas and polars are tested where those are installed.
    python -m unittest discover -s Bindings/python/tests -p test_martlet.py"""
import asyncio
import gc
import json
import math
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
import warnings
import weakref
from importlib.util import find_spec
from pathlib import Path

import numpy as np

import martlet

FIXTURES = Path(os.environ.get("MARTLET_FIXTURES", Path(__file__).parents[3] / "Tests" / "Fixtures"))
TEXTS = ["How do I cook pasta?", "a spaghetti recipe", "", "Füße, 日本語 and 🙂"]


def has(*modules):
    return unittest.skipUnless(all(find_spec(name) for name in modules), f"{', '.join(modules)} is not installed")


class EmbedderTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.embedder = martlet.Embedder("all-MiniLM-L6-v2", threads=2)
        cls.vectors = cls.embedder.embed(TEXTS)

    def test_vectors_have_the_same_bits_alone_and_in_any_batch(self):
        self.assertEqual((self.vectors.shape, self.vectors.dtype), ((4, 384), np.float32))
        for text, vector in zip(TEXTS, self.vectors):
            self.assertTrue(np.array_equal(self.embedder.embed([text])[0], vector))
        self.assertTrue(np.array_equal(np.stack(list(self.embedder.embed_iter(iter(TEXTS), batch=3))), self.vectors))
        self.assertTrue(np.array_equal(self.embedder.query(TEXTS[0]), self.vectors[0]))
        self.assertTrue(np.array_equal(asyncio.run(self.embedder.aembed(TEXTS)), self.vectors))

    def test_a_generator_for_an_event_loop(self):
        async def collect(**options):
            return [vector async for vector in self.embedder.aembed_iter(iter(TEXTS), **options)]

        self.assertTrue(np.array_equal(np.stack(asyncio.run(collect(batch=3))), self.vectors))
        with self.assertRaises(martlet.InputError):
            asyncio.run(collect(dimensions=0))

    def test_vectors_are_the_reference_implementations(self):
        with martlet.Embedder(precision="f32") as embedder, open(FIXTURES / "goldens" / "minilm-gguf.jsonl") as lines:
            rows = [json.loads(line) for line in lines]
            rows = [row for row in rows if "text" in row and "embedding" in row]
            self.assertGreater(len(rows), 5)
            found = embedder.embed([row["text"] for row in rows], truncation="end")
        expected = np.array([row["embedding"] for row in rows], np.float32)
        self.assertLess(np.abs(found - expected).max(), 2e-6)

    def test_empty_list(self):
        self.assertEqual(self.embedder.embed([]).shape, (0, 384))
        self.assertEqual(list(self.embedder.embed_iter([])), [])

    def test_options(self):
        cut = self.embedder.embed(TEXTS[:2], dimensions=8)
        self.assertEqual(cut.shape, (2, 8))
        np.testing.assert_allclose(np.linalg.norm(cut, axis=1), 1, rtol=1e-6)
        self.assertTrue((self.embedder.embed(TEXTS, prompt="x: ") == self.embedder.embed(["x: " + text for text in TEXTS])).all())
        for options in (dict(dimensions=385), dict(dimensions=0), dict(pooling="average"), dict(role="reader"), dict(truncation="no")):
            with self.assertRaises(martlet.InputError):
                self.embedder.embed(["a"], **options)

    def test_a_vector_is_as_wide_as_its_pooling_says(self):
        with tempfile.TemporaryDirectory() as folder:
            joined = Path(folder) / "joined"
            shutil.copytree(FIXTURES / "models/bert-mini", joined)
            file = joined / "1_Pooling/config.json"
            file.write_text(json.dumps({**json.loads(file.read_text()), "pooling_mode_cls_token": True}))
            with martlet.Embedder(joined) as both, martlet.Embedder(FIXTURES / "models/bert-mini") as mean:
                self.assertEqual((both.dimensions, both.embed(TEXTS, pooling="native").shape), (64, (4, 64)))
                self.assertTrue(np.array_equal(both.embed(TEXTS, pooling="mean"), mean.embed(TEXTS)))
                self.assertEqual(both.embed(TEXTS, pooling="mean", dimensions=8).shape, (4, 8))
                with self.assertRaises(martlet.InputError):
                    both.embed(TEXTS, pooling="mean", dimensions=33)

    def test_numbers_of_numpy_are_options(self):
        self.assertEqual(self.embedder.embed(TEXTS, dimensions=np.int64(8), normalize=np.bool_(False)).shape, (4, 8))
        with martlet.Embedder(threads=np.int32(1), bm25={"k": np.float32(1.5)}) as words:
            self.assertEqual(words.info["kind"], "sparse")
        with self.assertRaises(martlet.InputError):
            martlet.Embedder(bm25={"k": np.float32(math.nan)})

    def test_what_an_option_cannot_be(self):
        for options in (
            dict(role=""), dict(prompt_name=""), dict(pooling=""), dict(truncation=""), dict(dimensions=True), dict(dimensions="8"),
            dict(dimensions=1.5), dict(progress=5),
        ):
            with self.assertRaises(martlet.MartletError, msg=options):
                self.embedder.embed(["a"], **options)
        for work in (
            lambda: martlet.Embedder("minilm", bm25={}), lambda: martlet.Embedder(5), lambda: martlet.Embedder("\ud800"),
            lambda: martlet.similarity([1, 2], [1, 2], None), lambda: martlet.similarity(None, [1, 2]),
            lambda: martlet.similarity([[1], [1, 2]], [1, 2]), lambda: martlet.Collection("notes", "minilm"), lambda: martlet.Collection(5),
        ):
            with self.assertRaises(martlet.MartletError):
                work()

    def test_a_stream_is_of_texts_in_batches(self):
        for bad in ("abc", b"abc", None, 7):
            with self.assertRaises(martlet.InputTypeError):
                list(self.embedder.embed_iter(bad))
        for batch in (0, -1, True, 1.5, "2"):
            with self.assertRaises(martlet.InputError):
                list(self.embedder.embed_iter(TEXTS, batch=batch))

        async def collect(texts, **options):
            return [vector async for vector in self.embedder.aembed_iter(texts, **options)]

        for texts, options in (("abc", {}), (TEXTS, {"batch": 0}), (TEXTS, {"batch": -1})):
            with self.assertRaises(martlet.MartletError):
                asyncio.run(collect(texts, **options))

    def test_a_remedy_with_choices_lists_them(self):
        with self.assertRaises(martlet.InputError) as caught:
            martlet.Embedder(FIXTURES / "adapters/jina-v5")
        self.assertRegex(str(caught.exception), r"\(pass task='[a-z.-]+' or '[a-z.-]+'")

    def test_what_is_not_text_is_named_by_its_index(self):
        for bad, kind in (
            (b"x", TypeError), (None, TypeError), (math.nan, TypeError), (7, TypeError), ("lone \ud800", ValueError),
        ):
            with self.assertRaises(kind) as caught:
                self.embedder.embed(["ok", bad, "ok"])
            self.assertEqual(caught.exception.index, 1)
            self.assertIn("text 1 ", str(caught.exception))
            self.assertIsInstance(caught.exception, martlet.MartletError)
        for bad in ("a text", b"bytes", None, 7):
            with self.assertRaises(martlet.InputTypeError):
                self.embedder.embed(bad)

    def test_names_and_options_that_cannot_be_used(self):
        for work in (
            lambda: martlet.Embedder("a\0b"), lambda: martlet.Embedder(bm25={"k": math.nan}), lambda: martlet.Embedder(threads=object()),
        ):
            with self.assertRaises(martlet.InputError):
                work()
        self.assertEqual(self.embedder.embed(["a\0b"]).shape, (1, 384))

    def test_a_long_text_is_cut_with_one_warning_or_an_error_with_its_index(self):
        long = "word " * 200_000
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            self.embedder.embed(["short", long, long])
        self.assertEqual([item.category for item in caught], [martlet.TruncationWarning])
        self.assertIn("2 of 3 texts", str(caught[0].message))
        with self.assertRaises(martlet.InputError) as raised:
            self.embedder.embed(["short"] * 3000 + [long], truncation="error")
        self.assertEqual((raised.exception.index, raised.exception.code), (3000, "input_too_long"))
        with self.assertRaises(martlet.InputError) as raised:
            list(self.embedder.embed_iter(["short"] * 3000 + [long], truncation="error"))
        self.assertEqual(raised.exception.index, 3000)

    def test_errors_pickle(self):
        with self.assertRaises(martlet.InputTypeError) as caught:
            self.embedder.embed([None])
        again = pickle.loads(pickle.dumps(caught.exception))
        self.assertEqual((str(again), again.index, type(again)), (str(caught.exception), 0, martlet.InputTypeError))

    def test_pickles_as_its_arguments(self):
        again = pickle.loads(pickle.dumps(self.embedder))
        self.assertTrue(np.array_equal(again.embed(TEXTS), self.vectors))
        self.assertEqual(again.info["threads"], 2)

    def test_a_closed_model_raises(self):
        embedder = martlet.Embedder()
        embedder.close()
        embedder.close()
        with self.assertRaisesRegex(martlet.MartletError, "closed"):
            embedder.embed(["x"])

    def test_what_cannot_be_opened(self):
        with self.assertRaises(FileNotFoundError) as caught:
            martlet.Embedder("nobody/nothing")
        self.assertIn("nobody/nothing", str(caught.exception))
        with self.assertRaises(ValueError):
            martlet.Embedder(precision="int3")
        with self.assertRaisesRegex(RuntimeError, "reranker"):
            martlet.Embedder(str(FIXTURES / "classifiers/bert-cross")).embed(["x"])

    def test_threads_share_a_model(self):
        wrong = []

        def work():
            for text, vector in zip(TEXTS * 5, np.tile(self.vectors, (5, 1))):
                if not np.array_equal(self.embedder.embed([text])[0], vector):
                    wrong.append(text)

        threads = [threading.Thread(target=work) for _ in range(8)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        self.assertEqual(wrong, [])

    @unittest.skipUnless(hasattr(os, "fork"), "the system has no fork")
    def test_a_child_of_fork_computes_with_its_parents_model(self):
        child = os.fork()
        if child == 0:
            same = np.array_equal(self.embedder.embed(TEXTS), self.vectors) and np.array_equal(
                self.embedder.embed(TEXTS[:1])[0], self.vectors[0])
            os._exit(0 if same else 1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)

    def test_progress_is_reported_and_its_exception_ends_the_call(self):
        seen = []
        self.embedder.embed(["x"] * 5000, progress=lambda done, total: seen.append((done, total)))
        self.assertEqual(seen[-1], (5000, 5000))
        self.assertGreater(len(seen), 2)

        def stop(done, total):
            raise KeyError("enough")

        with self.assertRaisesRegex(KeyError, "enough"):
            self.embedder.embed(["x"] * 5000, progress=stop)

    def test_control_c_ends_a_long_call(self):
        code = (
            "import martlet, os, signal, threading\n"
            # A shell that runs the tests in the background has it ignored.
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "embedder = martlet.Embedder()\n"
            "threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
            "try: embedder.embed(['a rather long text about pasta ' * 20] * 400_000)\n"
            "except KeyboardInterrupt: print('interrupted')\n")
        found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
        self.assertEqual(found.stdout, "interrupted\n", found.stderr)

    def test_control_c_ends_a_call_of_few_long_texts_and_one_that_counts_tokens(self):
        code = (
            "import martlet, os, signal, threading, time\n"
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "embedder, text = martlet.Embedder(threads=1, precision='f32'), 'the quick brown fox ' * 10_000\n"
            "for call in (lambda: embedder.embed([text] * 64, truncation='end'), lambda: embedder.count_tokens([text * 4] * 100)):\n"
            "    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
            "    start = time.monotonic()\n"
            "    try: call()\n"
            "    except KeyboardInterrupt: print('interrupted', time.monotonic() - start < 1.5)\n")
        found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
        self.assertEqual(found.stdout, "interrupted True\n" * 2, found.stderr)

    def test_an_exception_that_ends_a_call_is_freed(self):
        class Enough(Exception):
            pass

        ended = []

        def stop(done, total):
            error = Enough()
            ended.append(weakref.ref(error))
            raise error

        with self.assertRaises(Enough):
            self.embedder.embed(["x"] * 100, progress=stop)
        gc.collect()
        self.assertEqual([error() for error in ended], [None])

    def test_token_counts_of_many_texts_are_those_of_each(self):
        texts = ["word " * (index % 7) for index in range(9000)] + ["word " * 200_000, "cook pasta"]
        counts = self.embedder.count_tokens(texts)
        self.assertEqual(counts[:8].tolist(), [2, 3, 4, 5, 6, 7, 8, 2])
        self.assertEqual((len(counts), counts[8999], *counts[9000:]), (9002, 2 + 8999 % 7, 200_002, 4))
        self.assertEqual(self.embedder.count_tokens([]).tolist(), [])
        with self.assertRaises(martlet.InputError):
            self.embedder.count_tokens([], role="reader")

    def test_a_warning_names_the_line_that_calls(self):
        from martlet.fastembed import TextEmbedding

        long = "word " * 400
        face = TextEmbedding("sentence-transformers/all-MiniLM-L6-v2")
        for work in (
            lambda: self.embedder.embed([long]), lambda: self.embedder.query(long), lambda: list(self.embedder.embed_iter([long])),
            lambda: self.embedder.token_vectors([long]), lambda: list(face.embed([long])),
        ):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                work()
            self.assertEqual([(item.category, item.filename) for item in caught], [(martlet.TruncationWarning, __file__)])

    def test_threads_follow_omp_num_threads(self):
        code = "import martlet; print(martlet.Embedder().info['threads'], martlet.Embedder(threads=3).info['threads'])"
        environment = {**os.environ, "OMP_NUM_THREADS": "1,2"}
        found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60)
        self.assertEqual(found.stdout, "1 3\n", found.stderr)

    def test_a_fingerprint_is_equal_for_vectors_that_can_be_compared(self):
        with martlet.Embedder(precision="f32") as other, martlet.Embedder(pooling="cls") as pooled:
            self.assertEqual(other.fingerprint, self.embedder.fingerprint)
            self.assertNotEqual(pooled.fingerprint, self.embedder.fingerprint)

    def test_known_models(self):
        known = {model["repository"]: model for model in martlet.known_models()}
        self.assertEqual((known["BAAI/bge-small-en-v1.5"]["dimensions"], known["BAAI/bge-small-en-v1.5"]["license"]), (384, "mit"))

    def test_the_vectors_that_are_pooled(self):
        tokens = self.embedder.token_vectors(TEXTS)
        self.assertEqual([row.shape for row in tokens], [(count, 384) for count in self.embedder.count_tokens(TEXTS)])
        pooled = np.stack([row.mean(axis=0) for row in tokens])
        pooled /= np.linalg.norm(pooled, axis=1, keepdims=True)
        np.testing.assert_allclose(pooled, self.vectors, atol=1e-6)

    def test_token_counts_and_chunks(self):
        self.assertEqual(self.embedder.count_tokens(TEXTS[:3]).tolist(), [8, 5, 2])
        chunks = self.embedder.chunk("# Pasta\n\nBoil it.\n\n# Rice\n\nSteam it.\n", name="notes.md", max_tokens=12)
        self.assertEqual([chunk.headings for chunk in chunks], [["Pasta"], ["Rice"]])
        self.assertEqual(martlet.chunk("One. Two.")[0].text, "One. Two.")

    def test_similarity(self):
        self.assertEqual(martlet.similarity([[3, 4]], [[3, 4], [4, -3]]).tolist(), [[1, 0]])
        self.assertEqual(martlet.similarity([3, 4], [0, 0], "euclidean").tolist(), [[-5]])
        with self.assertRaises(ValueError):
            martlet.similarity([[1, 2]], [[1, 2, 3]])

    @has("pyarrow")
    def test_columns_of_arrow(self):
        import pyarrow as pa

        for column in (pa.array(TEXTS), pa.array(TEXTS, pa.large_string()), pa.chunked_array([TEXTS[:1], TEXTS[1:]])):
            self.assertTrue(np.array_equal(self.embedder.embed(column), self.vectors))
            self.assertTrue(np.array_equal(self.embedder.embed(column.slice(1, 2)), self.vectors[1:3]))
        self.assertEqual(self.embedder.embed(pa.array([], pa.string())).shape, (0, 384))
        # Not UTF-8, far from the first: its place is that among all.
        bad = pa.Array.from_buffers(pa.string(), 9001, [
            None, pa.py_buffer(np.arange(9002, dtype=np.int32).tobytes()), pa.py_buffer(b"x" * 9000 + b"\xff")])
        with self.assertRaises(martlet.InputError) as caught:
            self.embedder.count_tokens(bad)
        self.assertEqual(caught.exception.index, 9000)
        with self.assertRaises(TypeError) as caught:
            self.embedder.embed(pa.array(["a", "b", None]))
        self.assertEqual(caught.exception.index, 2)
        for bad in (pa.array([1, 2]), pa.table({"a": TEXTS}), pa.scalar("a")):
            with self.assertRaises(martlet.InputTypeError):
                self.embedder.embed(bad)

    @has("pandas")
    def test_series_of_pandas(self):
        import pandas as pd

        self.assertTrue(np.array_equal(self.embedder.embed(pd.Series(TEXTS, index=[9, 8, 7, 6])), self.vectors))
        with self.assertRaises(TypeError) as caught:
            self.embedder.embed(pd.Series(["a", math.nan], dtype=object))
        self.assertEqual(caught.exception.index, 1)
        with self.assertRaisesRegex(martlet.InputTypeError, "DataFrame"):
            self.embedder.embed(pd.DataFrame({"a": TEXTS}))
        if find_spec("pyarrow"):
            self.assertTrue(np.array_equal(self.embedder.embed(pd.Series(TEXTS, dtype="string[pyarrow]")), self.vectors))

    @has("polars", "pyarrow")
    def test_series_of_polars(self):
        import polars as pl

        self.assertTrue(np.array_equal(self.embedder.embed(pl.Series(TEXTS)), self.vectors))
        with self.assertRaises(TypeError) as caught:
            self.embedder.embed(pl.Series([None, "a"]))
        self.assertEqual(caught.exception.index, 0)


class OtherModelTests(unittest.TestCase):
    def test_sparse(self):
        with martlet.Embedder(bm25={}) as embedder:
            query, document, blank = embedder.sparse(["cook pasta", "how to cook rice", ""], role="document")
        self.assertEqual((len(query.indices), len(blank.indices)), (2, 0))
        self.assertGreater(query.dot(document), 0)
        with martlet.Embedder(str(FIXTURES / "sparse/splade-bert")) as embedder:
            self.assertEqual(embedder.info["kind"], "sparse")
            vector = embedder.sparse(["cook pasta"], max_active_dimensions=3)[0]
            self.assertLessEqual(len(vector.indices), 3)

    def test_token_vectors(self):
        with martlet.Embedder(str(FIXTURES / "multi/pylate")) as embedder:
            found = embedder.token_vectors(["cook pasta", "boil"], role="document")
            self.assertEqual([row.shape[1] for row in found], [embedder.dimensions] * 2)
            self.assertGreater(len(found[0]), len(found[1]))

    def test_reranker(self):
        documents = ["boil the pasta", "the stock market fell", "a recipe"]
        with martlet.Reranker(str(FIXTURES / "classifiers/bert-cross")) as reranker:
            scores = reranker.scores("cook pasta", documents)
            ranked = reranker.rerank("cook pasta", documents, top_n=2)
            self.assertEqual([hit.index for hit in ranked], np.argsort(-scores, kind="stable")[:2].tolist())
            self.assertTrue(np.array_equal(reranker.predict([("cook pasta", text) for text in documents])[:, 0], scores))
            self.assertTrue(np.array_equal(reranker.predict(zip(["cook pasta"] * 3, documents))[:, 0], scores))
            self.assertEqual(len(reranker.rerank("cook pasta", documents, top_n=np.int64(0))), 0)
            for top_n in (-1, 1.5, True, "1"):
                with self.assertRaises(martlet.InputError):
                    reranker.rerank("cook pasta", documents, top_n=top_n)
            with self.assertRaises(martlet.InputTypeError):
                reranker.predict(None)
            self.assertTrue(np.array_equal(asyncio.run(reranker.ascores("cook pasta", documents)), scores))
            raw = reranker.scores("cook pasta", documents, activation="raw")
            np.testing.assert_allclose(1 / (1 + np.exp(-raw)), reranker.scores("cook pasta", documents, activation="sigmoid"), rtol=1e-5)
            for pairs, index in ((["ab"], 0), ([("a", "b"), ("a",)], 1), ([None], 0), ([("a", None)], 0), ([(b"a", "b")], 0)):
                with self.assertRaises(TypeError) as caught:
                    reranker.predict(pairs)
                self.assertEqual(caught.exception.index, index)
            with self.assertRaises(TypeError) as caught:
                reranker.scores("cook", ["ok", None])
            self.assertIn("document 1 ", str(caught.exception))
            with self.assertRaises(TypeError):
                reranker.scores(None, ["ok"])
            self.assertEqual((len(reranker.scores("cook", [])), reranker.predict([]).shape), (0, (0, 1)))
            self.assertEqual(reranker.scores("cook", ["word " * 200_000], truncation="end").shape, (1,))
        with self.assertRaisesRegex(martlet.InputError, "closed"):
            reranker.scores("cook", ["pasta"])
        with martlet.Reranker() as reranker:
            self.assertEqual(reranker.rerank("cook pasta", documents)[0].index, 0)


class CollectionTests(unittest.TestCase):
    def test_records_are_added_found_and_removed(self):
        with tempfile.TemporaryDirectory() as folder, martlet.Collection(Path(folder) / "notes") as notes:
            self.assertEqual(notes.add(["boil the pasta", "the market fell"], ids=["a", "b"], fields=[{"year": 2024}, None]), ["a", "b"])
            self.assertEqual([hit.id for hit in notes.search("noodles", 1)], ["a"])
            self.assertEqual([hit.id for hit in notes.search("noodles", filter="year = 2024")], ["a"])
            self.assertEqual(notes.search("market", mode="words")[0].id, "b")
            hits, added = notes.query("a new idea", 0.9)
            self.assertEqual((hits, len(notes)), ([], 3))
            self.assertEqual(notes.query("a new idea", 0.9)[0][0].id, added)
            with self.assertRaises(martlet.BusyError):
                martlet.Collection(notes.path, notes.embedder).add(["x"])
            self.assertEqual(notes.remove(["a", "none"]), 1)
            with self.assertRaises(ValueError):
                notes.search("x", filter="year ==== 1")
            with self.assertRaises(ValueError):
                notes.add(["x"], ids=["1", "2"])
            for bad, options, index in (
                (["ok", None], {}, 1), (["ok", "lone \ud800"], {}, 1), (["ok"], {"ids": [7]}, 0), (["ok"], {"fields": [{"year": math.nan}]}, 0),
                (["ok", "ok"], {"ids": ["1", "2"], "fields": [None, {"year": object()}]}, 1),
            ):
                with self.assertRaises(martlet.MartletError) as caught:
                    notes.add(bad, **options)
                self.assertEqual(caught.exception.index, index, bad)
            for work in (lambda: notes.search(None), lambda: notes.search([b"x"]), lambda: notes.query(None, 0.5), lambda: notes.remove("a")):
                with self.assertRaises(TypeError):
                    work()
            with self.assertRaises(ValueError):
                notes.query("x", math.nan)
            self.assertEqual((notes.add([]), len(notes)), ([], 2))
            self.assertEqual(asyncio.run(notes.asearch("market", mode="words"))[0].id, "b")
            notes.close()
            with self.assertRaisesRegex(martlet.InputError, "closed"):
                notes.search("x")
            self.assertEqual(len(martlet.Collection(notes.path)), 2)
            with self.assertRaises(FileNotFoundError):
                martlet.Collection(Path(folder) / "other", create=False)


    def test_texts_that_are_cut_are_told(self):
        with tempfile.TemporaryDirectory() as folder, martlet.Collection(Path(folder) / "notes") as notes:
            with self.assertWarnsRegex(martlet.TruncationWarning, "^1 of 2 texts") as caught:
                notes.add(["short", "word " * 400], fields=[{"n": np.int64(3), "x": np.float32(0.5), "yes": np.bool_(True)}, None])
            self.assertEqual(caught.filename, __file__)
            self.assertEqual(notes.search("short", 1)[0].fields, {"n": 3, "x": 0.5, "yes": True})


class TypeTests(unittest.TestCase):
    @has("mypy")
    def test_annotations_agree_with_the_code(self):
        from mypy import api

        package = str(Path(martlet.__file__).parent)
        report, errors, status = api.run([package, "--ignore-missing-imports", "--exclude", "integrations", "--cache-dir", os.devnull])
        self.assertEqual(status, 0, report + errors)


class FaceTests(unittest.TestCase):
    def test_fastembed(self):
        from martlet.fastembed import LateInteractionTextEmbedding, SparseTextEmbedding, TextCrossEncoder, TextEmbedding

        model = TextEmbedding("sentence-transformers/all-MiniLM-L6-v2", threads=1, lazy_load=True)
        rows = model.embed(TEXTS, batch_size=2)
        self.assertTrue(hasattr(rows, "__next__"))
        self.assertTrue(np.array_equal(np.stack(list(rows)), martlet.Embedder().embed(TEXTS)))
        self.assertEqual((model.embedding_size, len(list(model.query_embed("one text"))), model.token_count("cook pasta")), (384, 1, 4))
        sparse = next(SparseTextEmbedding("Qdrant/bm25", avg_len=100).embed("cook pasta"))
        self.assertEqual(sorted(sparse.as_object()), ["indices", "values"])
        self.assertEqual(len(sparse.as_dict()), 2)
        attentions = next(SparseTextEmbedding("Qdrant/bm42-all-minilm-l6-v2-attentions").query_embed("cook pasta"))
        self.assertEqual(attentions.values.tolist(), [1, 1])
        late = LateInteractionTextEmbedding(str(FIXTURES / "multi/pylate"))
        self.assertEqual(next(late.embed(["a", "b"])).shape[1], late.embedding_size)
        cross = TextCrossEncoder(str(FIXTURES / "classifiers/bert-cross"))
        scores = list(cross.rerank("cook", ["pasta", "rice"]))
        self.assertEqual(list(cross.rerank_pairs([("cook", "pasta"), ("cook", "rice")])), scores)
        self.assertTrue(np.array_equal(next(TextEmbedding("sentence-transformers/all-minilm-l6-v2").embed(TEXTS[0])), next(model.embed(TEXTS[0]))))
        self.assertEqual(TextEmbedding.get_embedding_size("baai/BGE-small-en-v1.5"), 384)
        for kind in (TextEmbedding, SparseTextEmbedding, LateInteractionTextEmbedding, TextCrossEncoder):
            self.assertTrue(all(row["model"] and row["license"] for row in kind.list_supported_models()))
        name = "sentence-transformers/all-MiniLM-L6-v2"
        TextEmbedding(name, None, 1, ("CPUExecutionProvider",), False, [], True)
        TextEmbedding(name, providers=[("CPUExecutionProvider", {})], cuda="cpu", device_ids=[])
        for options, asked in ((dict(cuda=True), "cuda"), (dict(providers=["CUDAExecutionProvider"]), "providers"), (dict(device_ids=[0]), "device_ids")):
            with self.assertRaisesRegex(martlet.InputError, f"^{asked} is not available"):
                TextEmbedding(name, **options)
        with self.assertRaisesRegex(martlet.InputError, "^providers"):
            TextEmbedding(name, None, 1, ["CUDAExecutionProvider"])
        words = SparseTextEmbedding("Qdrant/bm25")
        self.assertEqual(next(words.passage_embed(texts=["cook pasta"])).as_dict().keys(), next(words.query_embed("cook pasta", batch_size=1)).as_dict().keys())
        self.assertEqual(late.token_count("a", is_doc=False), late.token_count(["a"]))
        for work in (lambda: late.token_count("a", include_extension=True), lambda: cross.token_count([("a", "b")])):
            with self.assertRaises(martlet.InputError):
                work()
        for face in (cross, words):
            self.assertFalse(hasattr(face, "embedding_size"))
        sparse_models = {row["model"]: row for row in SparseTextEmbedding.list_supported_models()}
        self.assertEqual((sparse_models["Qdrant/bm25"]["sources"], sparse_models["Qdrant/bm25"]["requires_idf"]), ({"hf": "Qdrant/bm25"}, True))
        self.assertIn("BM25", sparse_models["Qdrant/bm25"]["description"])
        self.assertTrue(all("dim" not in row and "vocab_size" in row for row in sparse_models.values()))
        with self.assertRaisesRegex(ValueError, "onnx_threads"):
            TextEmbedding("all-MiniLM-L6-v2", onnx_threads=3)

    def test_sentence_transformers(self):
        from martlet.sentence_transformers import CrossEncoder, SentenceTransformer

        model = SentenceTransformer("all-MiniLM-L6-v2", device="cpu", prompts={"query": "find: "})
        vectors = model.encode(TEXTS)
        self.assertTrue(np.array_equal(vectors, martlet.Embedder().embed(TEXTS)))
        self.assertEqual(model.encode("one").shape, (384,))
        self.assertTrue(np.array_equal(model.encode_query("pasta"), model.encode("find: pasta")))
        self.assertTrue(np.array_equal(model.encode_document("pasta"), model.encode("pasta")))
        self.assertEqual(model.encode(TEXTS, truncate_dim=8, normalize_embeddings=True).shape, (4, 8))
        self.assertEqual((model.encode(TEXTS, precision="ubinary").shape, model.encode(TEXTS, precision="int8").dtype), ((4, 48), np.int8))
        self.assertEqual(model.similarity(vectors[:2], vectors).shape, (2, 4))
        np.testing.assert_allclose(model.similarity_pairwise(vectors, vectors)[:2], 1, rtol=1e-5)
        for name in ("cosine", "dot", "euclidean", "manhattan"):
            model.similarity_fn_name = name
            pairs = model.similarity_pairwise(vectors, vectors[::-1])
            np.testing.assert_allclose(pairs, np.diag(model.similarity(vectors, vectors[::-1])), atol=1e-5)
            self.assertEqual(pairs.dtype, np.float32)
            np.testing.assert_allclose(model.similarity_pairwise(vectors[:1], vectors), model.similarity(vectors[:1], vectors)[0], atol=1e-5)
        model.similarity_fn_name = None
        self.assertEqual((model.similarity_fn_name, model.similarity_pairwise(vectors[0], vectors[1]).shape), ("cosine", ()))
        for first, second in ((vectors[:3], vectors[:2]), (vectors[:, :8], vectors)):
            with self.assertRaises(martlet.InputError):
                model.similarity_pairwise(first, second)
        self.assertEqual((model.get_sentence_embedding_dimension(), model.max_seq_length), (384, 256))
        if find_spec("torch"):
            self.assertIsInstance(model.encode(TEXTS, convert_to_numpy=False), list)
            self.assertEqual(type(model.encode("x", convert_to_tensor=True)).__name__, "Tensor")
        self.assertTrue(np.array_equal(model.encode(sentences=TEXTS, device=["cpu", "cpu"], pool=model.start_multi_process_pool()), vectors))
        with model.truncate_sentence_embeddings(8):
            self.assertTrue(np.array_equal(model.encode(TEXTS), vectors[:, :8]))
        self.assertEqual(model.encode([], precision="int8").shape, (0, 384))
        with self.assertRaisesRegex(ValueError, "device"):
            SentenceTransformer("all-MiniLM-L6-v2", device="cuda")
        with self.assertRaisesRegex(ValueError, "output_value"):
            model.encode("x", output_value=None)
        with self.assertRaisesRegex(martlet.InputError, "^foo=1 is not available; leave it out"):
            model.encode("x", foo=1)
        for precision in ("int8", "uint8"):
            with self.assertRaisesRegex(martlet.InputError, "one vector has none"):
                model.encode("x", precision=precision)
        for options in (dict(truncate_dim=0), dict(truncate_dim=-1), dict(similarity_fn_name="cosin")):
            with self.assertRaises(martlet.InputError):
                SentenceTransformer("all-MiniLM-L6-v2", **options)
        with self.assertRaises(martlet.InputError):
            model.encode("x", truncate_dim=0)
        with self.assertRaises(martlet.InputError):
            model.similarity_fn_name = "foo"
        if find_spec("torch"):
            self.assertEqual([tuple(rows.shape) for rows in model.encode(TEXTS[:2], output_value="token_embeddings")], [(8, 384), (5, 384)])
        self.assertIs(model.to("cpu"), model)
        model.max_seq_length = 16
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", martlet.TruncationWarning)
            self.assertTrue(np.array_equal(model.encode("word " * 200), model.encode("word " * 14)))
        self.assertEqual(model.max_seq_length, 16)
        cross = CrossEncoder(str(FIXTURES / "classifiers/bert-cross"))
        scores = cross.predict([("cook", "pasta"), ("cook", "rice")])
        self.assertEqual(scores.shape, (2,))
        self.assertEqual(cross.predict(("cook", "pasta")), scores[0])
        self.assertTrue(np.array_equal(cross.predict([("cook", "pasta"), ("cook", "rice")], apply_softmax=True), scores))
        ranked = cross.rank("cook", ["pasta", "rice"], return_documents=True)
        self.assertEqual(ranked[0]["score"], scores.max())
        cross.max_length = 8
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", martlet.TruncationWarning)
            self.assertEqual(cross.predict([("cook", "word " * 50)])[0], cross.predict([("cook", "word " * 90)])[0])
        labels = CrossEncoder(str(FIXTURES / "classifiers/bert-labels"))
        found = labels.predict([("a", "b")], apply_softmax=True)
        self.assertEqual(found.shape, (1, labels.num_labels))
        np.testing.assert_allclose(found.sum(), 1, rtol=1e-5)


if __name__ == "__main__":
    unittest.main()
