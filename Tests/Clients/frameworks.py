"""Clients of frameworks that embed: Java's HttpClient, infinity's own client, mem0 and Haystack."""

import json
import os
import pathlib
import shutil
import subprocess

os.environ["MEM0_TELEMETRY"] = os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"

from dialects import DOCUMENTS, MODEL, QUERY, REFERENCE, TEXTS, close, ranked  # noqa: E402
from served import cosine  # noqa: E402

PASTA = "How do I cook pasta?"


def java(server):
    """The JDK's client: offers of h2c, open connections, chunked bodies, Expect, 64 requests at a time."""
    if not shutil.which("java"):
        print("not run, there is no java: java")
        return
    source = pathlib.Path(__file__).with_name("JavaClient.java")
    done = subprocess.run(["java", str(source), server.url], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    row = json.loads(done.stdout)["data"][0]["embedding"]
    assert row == server.vectors([PASTA])[0]


def infinity(server):
    from infinity_client import Client
    from infinity_client.api.default import embeddings, health, models, rerank
    from infinity_client.models import OpenAIEmbeddingInputText, RerankInput

    with Client(base_url=server.url) as client:
        body = OpenAIEmbeddingInputText.from_dict({"input": TEXTS, "model": MODEL})
        answer = embeddings.sync(client=client, body=body)
        close([row.embedding for row in answer.data])
        assert health.sync_detailed(client=client).status_code == 200
        assert MODEL in [model.id for model in models.sync(client=client).data]
        asked = RerankInput.from_dict(
            {"query": QUERY, "documents": DOCUMENTS, "model": "cross", "return_documents": True, "top_n": 2})
        answer = rerank.sync(client=client, body=asked)
        ranked([(hit.index, hit.relevance_score) for hit in answer.results])
        assert [hit.document for hit in answer.results] == [DOCUMENTS[hit.index] for hit in answer.results]


def mem0(server):
    from mem0.configs.embeddings.base import BaseEmbedderConfig
    from mem0.embeddings.ollama import OllamaEmbedding
    from mem0.embeddings.openai import OpenAIEmbedding

    configuration = BaseEmbedderConfig(
        model=MODEL, api_key="none", openai_base_url=server.url + "/v1", embedding_dims=384)
    client = OpenAIEmbedding(configuration)
    # mem0 puts spaces in place of line breaks.
    plain = [index for index, text in enumerate(TEXTS) if "\n" not in text]
    for index in plain:
        for action in ("add", "search"):
            row = client.embed(TEXTS[index], action)
            assert len(row) == 384 and cosine(row, REFERENCE[index]["embedding"]) > 0.998
    client = OllamaEmbedding(BaseEmbedderConfig(model=MODEL, ollama_base_url=server.url, embedding_dims=384))
    assert cosine(client.embed(TEXTS[0], "add"), REFERENCE[0]["embedding"]) > 0.998


def haystack(server):
    from haystack import Document
    from haystack.components.embedders import OpenAIDocumentEmbedder, OpenAITextEmbedder
    from haystack.utils import Secret

    where = {"api_key": Secret.from_token("none"), "model": MODEL, "api_base_url": server.url + "/v1"}
    documents = [Document(content=text) for text in TEXTS]
    answer = OpenAIDocumentEmbedder(**where, progress_bar=False).run(documents)
    close([document.embedding for document in answer["documents"]])
    assert answer["meta"]["usage"]["total_tokens"] == sum(golden["tokens"] for golden in REFERENCE)
    row = OpenAITextEmbedder(**where, dimensions=64).run(PASTA)["embedding"]
    assert len(row) == 64 and cosine(row, server.vectors([PASTA], dimensions=64)[0]) > 0.9999


TESTS = [java, infinity, mem0, haystack]
