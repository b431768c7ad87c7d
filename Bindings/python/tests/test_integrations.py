"""The integrations with the real packages; what is not installed is skipped by name. Bindings/python/tests/integrations makes an environment.
    python -m unittest Bindings/python/tests/test_integrations.py"""
import asyncio
import os
import subprocess
import sys
import tempfile
import unittest
from importlib.util import find_spec

import numpy as np

import martlet

TEXTS = ["boil the pasta", "the stock market fell", "a spaghetti recipe"]
needs = lambda name: unittest.skipUnless(find_spec(name), f"{name} is not installed")


class IntegrationTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.embedder = martlet.Embedder()
        cls.expected = cls.embedder.embed(TEXTS)

    @needs("langchain_tests")
    def test_langchain(self):
        from langchain_core.documents import Document
        from langchain_core.vectorstores import InMemoryVectorStore

        from martlet.integrations.langchain import MartletEmbeddings, MartletReranker

        embeddings = MartletEmbeddings()
        self.assertEqual(embeddings.embed_documents(TEXTS), self.expected.tolist())
        self.assertEqual(asyncio.run(embeddings.aembed_query(TEXTS[0])), self.expected[0].tolist())
        store = InMemoryVectorStore.from_texts(TEXTS, embeddings)
        self.assertEqual(store.similarity_search("noodle recipe", k=1)[0].page_content, TEXTS[2])
        reranker = MartletReranker(reranker=martlet.Reranker(), top_n=2)
        best = reranker.compress_documents([Document(text) for text in TEXTS], "noodle recipe")
        self.assertEqual((len(best), best[0].page_content), (2, TEXTS[2]))
        self.assertGreater(best[0].metadata["relevance_score"], best[1].metadata["relevance_score"])

    @needs("llama_index")
    def test_llama_index(self):
        from martlet.integrations.llama_index import MartletEmbedding

        model = MartletEmbedding(threads=1)
        self.assertEqual(model.get_text_embedding_batch(TEXTS), self.expected.tolist())
        self.assertEqual(model.get_query_embedding(TEXTS[0]), self.expected[0].tolist())
        self.assertEqual(asyncio.run(model.aget_text_embedding_batch(TEXTS)), self.expected.tolist())
        self.assertEqual(model.model_name, "all-MiniLM-L6-v2")

    @needs("haystack")
    def test_haystack(self):
        from haystack import Document, Pipeline
        from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        from martlet.integrations.haystack import MartletDocumentEmbedder, MartletTextEmbedder

        store = InMemoryDocumentStore()
        store.write_documents(MartletDocumentEmbedder().run([Document(content=text) for text in TEXTS])["documents"])
        pipeline = Pipeline()
        pipeline.add_component("embedder", MartletTextEmbedder(options={"threads": 1}))
        pipeline.add_component("retriever", InMemoryEmbeddingRetriever(store, top_k=1))
        pipeline.connect("embedder.embedding", "retriever.query_embedding")
        found = pipeline.run({"embedder": {"text": "noodle recipe"}})
        self.assertEqual(found["retriever"]["documents"][0].content, TEXTS[2])
        component = MartletTextEmbedder(options={"threads": 1})
        self.assertEqual(MartletTextEmbedder.from_dict(component.to_dict()).options, {"threads": 1})

    @needs("chromadb")
    def test_chroma(self):
        import chromadb

        from martlet.integrations.chroma import MartletEmbeddingFunction

        with tempfile.TemporaryDirectory() as folder:
            client = chromadb.PersistentClient(folder)
            collection = client.create_collection("notes", embedding_function=MartletEmbeddingFunction(threads=1))
            collection.add(ids=["0", "1", "2"], documents=TEXTS)
            self.assertEqual(collection.query(query_texts=["noodle recipe"], n_results=1)["ids"], [["2"]])
            again = client.get_collection("notes")
            self.assertEqual(again.query(query_texts=["noodle recipe"], n_results=1)["ids"], [["2"]])
            stored = again.get(ids=["0"], include=["embeddings"])["embeddings"][0]
            np.testing.assert_allclose(stored, self.expected[0], atol=1e-6)

    @needs("pandas")
    def test_pandas(self):
        import pandas

        import martlet.integrations.pandas  # noqa: F401

        texts = pandas.Series(TEXTS, index=["a", "b", "c"])
        vectors = texts.martlet.embed()
        self.assertEqual(list(vectors.index), ["a", "b", "c"])
        self.assertTrue(np.array_equal(np.stack(vectors), self.expected))
        self.assertEqual(texts.martlet.similarity("noodle recipe").idxmax(), "c")
        self.assertEqual(len(texts.head(0).martlet.embed(self.embedder)), 0)
        with self.assertRaises(TypeError) as caught:
            pandas.Series(["a", None], dtype=object).martlet.embed()
        self.assertEqual(caught.exception.index, 1)

    @needs("txtai")
    def test_txtai(self):
        import txtai

        from martlet.integrations.txtai import configuration

        index = txtai.Embeddings(content=True, **configuration())
        index.index(TEXTS)
        self.assertEqual(index.search("noodle recipe", 1)[0]["text"], TEXTS[2])

    @needs("bertopic")
    def test_bertopic(self):
        from bertopic import BERTopic
        from sklearn.cluster import KMeans
        from sklearn.decomposition import PCA

        from martlet.integrations.bertopic import MartletBackend

        documents = [f"pasta recipe number {i}" for i in range(20)] + [f"stock market news {i}" for i in range(20)]
        model = BERTopic(embedding_model=MartletBackend(), umap_model=PCA(2), hdbscan_model=KMeans(2, n_init=1, random_state=0))
        topics, _ = model.fit_transform(documents)
        self.assertEqual((len(set(topics[:20])), len(set(topics[20:])), topics[0] != topics[20]), (1, 1, True))

    @needs("mteb")
    def test_mteb(self):
        from torch.utils.data import DataLoader

        from martlet.integrations.mteb import MartletEncoder

        encoder = MartletEncoder()
        batches = DataLoader([{"text": text} for text in TEXTS], batch_size=2)
        vectors = encoder.encode(batches, task_metadata=None, hf_split="test", hf_subset="default")
        self.assertTrue(np.array_equal(vectors, self.expected))
        self.assertEqual(encoder.mteb_model_meta.embed_dim, 384)
        self.assertEqual(encoder.similarity(vectors, vectors).shape, (3, 3))
        self.assertEqual(encoder.similarity_pairwise(vectors, vectors).shape, (3,))
        with self.assertRaises(martlet.InputError):
            encoder.similarity_pairwise(vectors, vectors[:2])

    @needs("mteb")
    def test_a_whole_task_of_mteb(self):
        import mteb
        from datasets import Dataset
        from mteb.abstasks.sts import AbsTaskSTS
        from mteb.abstasks.task_metadata import TaskMetadata

        from martlet.integrations.mteb import MartletEncoder

        nothing = ("prompt", "reference", "date", "domains", "task_subtypes", "license", "annotations_creators", "dialect", "sample_creation", "bibtex_citation")

        class Pairs(AbsTaskSTS):
            metadata = TaskMetadata(
                dataset={"path": "local/pairs", "revision": "1"}, name="Pairs", description="five pairs", type="STS", category="t2t",
                modalities=["text"], eval_splits=["test"], eval_langs=["eng-Latn"], main_score="cosine_spearman", **dict.fromkeys(nothing))
            min_score, max_score = 0, 5

            def load_data(self, *arguments, **options):
                rows = [
                    ("boil the pasta", "cook the spaghetti", 4.5), ("the stock market fell", "shares lost value", 4.0),
                    ("a spaghetti recipe", "how to make pasta", 4.2), ("boil the pasta", "the stock market fell", 0.2), ("a cat", "a tax form", 0.1)]
                self.dataset = {"test": Dataset.from_dict(dict(zip(("sentence1", "sentence2", "score"), map(list, zip(*rows)))))}
                self.data_loaded = True

        result = mteb.evaluate(MartletEncoder(), [Pairs()], cache=None, show_progress_bar=False)
        self.assertEqual(result.model_name, "martlet/all-MiniLM-L6-v2")
        self.assertGreater(result.task_results[0].get_score(), 0.8)

    @needs("qdrant_client")
    def test_vectors_of_the_face_for_fastembed_go_into_qdrant(self):
        from qdrant_client import QdrantClient
        from qdrant_client.models import Distance, PointStruct, VectorParams

        from martlet.fastembed import TextEmbedding

        model = TextEmbedding("sentence-transformers/all-MiniLM-L6-v2")
        client = QdrantClient(":memory:")
        client.create_collection("notes", VectorParams(size=model.embedding_size, distance=Distance.COSINE))
        client.upsert("notes", [PointStruct(id=i, vector=row.tolist(), payload={"text": TEXTS[i]}) for i, row in enumerate(model.embed(TEXTS))])
        found = client.query_points("notes", next(model.query_embed("noodle recipe")).tolist(), limit=1).points
        self.assertEqual(found[0].payload["text"], TEXTS[2])

    @needs("qdrant_client")
    def test_qdrant_computes_with_martlet_by_one_changed_import(self):
        # In a process of its own: the import is for all clients of a process.
        code = """
from martlet.integrations.qdrant import QdrantClient
from qdrant_client.models import Distance, Document, Modifier, PointStruct, SparseVectorParams, VectorParams
import martlet, numpy

texts, name = ["boil the pasta", "the stock market fell", "a spaghetti recipe"], "sentence-transformers/all-MiniLM-L6-v2"
client = QdrantClient(":memory:")
if hasattr(client, "add"):
    client.set_model(name)
    client.add("notes", documents=texts, ids=[0, 1, 2])
    print(client.query("notes", query_text="noodle recipe", limit=1)[0].document)
else:
    client.create_collection(
        "notes", vectors_config=VectorParams(size=client.get_embedding_size(name), distance=Distance.COSINE),
        sparse_vectors_config={"words": SparseVectorParams(modifier=Modifier.IDF)})
    client.upsert("notes", [
        PointStruct(id=n, vector={"": Document(text=text, model=name), "words": Document(text=text, model="Qdrant/bm25")}, payload={"text": text})
        for n, text in enumerate(texts)])
    print(client.query_points("notes", query=Document(text="noodle recipe", model=name), limit=1).points[0].payload["text"])
    print(client.query_points("notes", query=Document(text="market", model="Qdrant/bm25"), using="words", limit=1).points[0].payload["text"])
    stored = numpy.array(client.retrieve("notes", [0], with_vectors=True)[0].vector[""])
    assert numpy.allclose(stored, martlet.Embedder().embed(texts[:1])[0], atol=1e-6)
"""
        found = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=120)
        self.assertEqual(found.stdout.splitlines()[0], TEXTS[2], found.stderr)
        self.assertIn(found.stdout.splitlines()[1:], ([], [TEXTS[1]]))
        self.assertEqual(found.returncode, 0, found.stderr)

    @needs("sentence_transformers")
    def test_the_face_for_sentence_transformers_agrees_with_the_real_one(self):
        from sentence_transformers import CrossEncoder, SentenceTransformer

        from martlet import sentence_transformers as face

        fixtures = os.environ["MARTLET_FIXTURES"]
        for name in ("models/bert-mini", "models/bert-dense"):
            real = SentenceTransformer(f"{fixtures}/{name}", device="cpu", model_kwargs={"dtype": "float32"})
            ours = face.SentenceTransformer(f"{fixtures}/{name}", precision="f32")
            np.testing.assert_allclose(ours.encode(TEXTS), real.encode(TEXTS), atol=2e-6)
            np.testing.assert_allclose(ours.encode_query(TEXTS), real.encode_query(TEXTS), atol=2e-6)
            for normalizes in (False, True):
                options = dict(truncate_dim=8, normalize_embeddings=normalizes)
                np.testing.assert_allclose(ours.encode(TEXTS, **options), real.encode(TEXTS, **options), atol=2e-6)
            for precision in ("binary", "ubinary"):
                self.assertTrue(np.array_equal(ours.encode(TEXTS, precision=precision), real.encode(TEXTS, precision=precision)))
            self.assertEqual(ours.get_sentence_embedding_dimension(), real.get_embedding_dimension())
            vectors = ours.encode(TEXTS)
            for function in ("cosine", "dot", "euclidean", "manhattan"):
                real.similarity_fn_name = ours.similarity_fn_name = function
                for first, second in ((vectors, vectors[::-1].copy()), (vectors[:1], vectors), (vectors[0], vectors[1])):
                    found, expected = ours.similarity_pairwise(first, second), real.similarity_pairwise(first, second).numpy()
                    self.assertEqual(found.shape, expected.shape)
                    np.testing.assert_allclose(found, expected, atol=2e-6)
        for name in ("classifiers/bert-cross", "classifiers/bert-labels"):
            real = CrossEncoder(f"{fixtures}/{name}", device="cpu", model_kwargs={"dtype": "float32"})
            ours = face.CrossEncoder(f"{fixtures}/{name}", precision="f32")
            pairs = [("cook pasta", text) for text in TEXTS]
            np.testing.assert_allclose(ours.predict(pairs), real.predict(pairs), atol=2e-6)
            np.testing.assert_allclose(ours.predict(pairs, apply_softmax=True), real.predict(pairs, apply_softmax=True), atol=2e-6)
            if ours.num_labels == 1:
                self.assertEqual([hit["corpus_id"] for hit in ours.rank("cook", TEXTS)], [hit["corpus_id"] for hit in real.rank("cook", TEXTS)])


if find_spec("langchain_tests"):
    from langchain_tests.integration_tests import EmbeddingsIntegrationTests

    class TestLangChainStandard(EmbeddingsIntegrationTests):
        """The suite of langchain-tests; pytest runs it."""

        @property
        def embeddings_class(self):
            from martlet.integrations.langchain import MartletEmbeddings

            return MartletEmbeddings

        @property
        def embedding_model_params(self):
            return {"threads": 1}


if __name__ == "__main__":
    unittest.main()
