"""What the clients that people have get from the server, against the goldens. Tests/Clients/run runs it."""

import json
import math
import os
import pathlib
import sys
import warnings

import agents
import cohere
import deployment
import dialects
import frameworks
import huggingface_hub
import langchain_ollama
import langchain_openai
import llama_index.embeddings.openai
import numpy
import ollama
import openai
import stores
from examples import ARGUMENTS, curls, programs
from served import CROSS_ENCODER, MINILM, ROOT, Served, cosine

GOLDENS = [json.loads(line) for line in (ROOT / "Tests/Fixtures/goldens/minilm.jsonl").read_text().splitlines()]
# Texts of a line and a few long ones; no blank ones, which most clients refuse.
REFERENCE = [golden for golden in GOLDENS if golden["tokens"] >= 8][:40] + GOLDENS[-4:]
TEXTS = [golden["text"] for golden in REFERENCE]
PAIRS = [json.loads(line) for line in (CROSS_ENCODER / "goldens.jsonl").read_text().splitlines()]
MODEL = "all-MiniLM-L6-v2"


def close(rows, least=0.998, texts=REFERENCE):
    assert len(rows) == len(texts), len(rows)
    worst = min(cosine(row, golden["embedding"]) for row, golden in zip(rows, texts, strict=True))
    assert worst >= least, f"cosine {worst} with the golden vectors"


def raises(kind, action, *words):
    try:
        action()
    except kind as error:
        assert all(word in str(error) for word in words), str(error)
        return error
    raise AssertionError(f"no {kind.__name__}")


def openai_client(server):
    client = openai.OpenAI(base_url=server.url + "/v1", api_key="none", max_retries=0)
    # Asks for base64.
    answer = client.embeddings.create(model=MODEL, input=TEXTS)
    rows = [row.embedding for row in answer.data]
    close(rows)
    assert answer.object == "list" and answer.model == MODEL and [row.index for row in answer.data] == list(range(len(TEXTS)))
    assert answer.usage.prompt_tokens == answer.usage.total_tokens == sum(golden["tokens"] for golden in REFERENCE)
    # As numbers: the same.
    numbers = [row.embedding for row in client.embeddings.create(model=MODEL, input=TEXTS, encoding_format="float").data]
    assert numpy.array_equal(numpy.float32(rows), numpy.float32(numbers))
    one = client.embeddings.create(model="all-minilm", input=TEXTS[0]).data
    assert len(one) == 1 and one[0].embedding == rows[0]
    short = client.embeddings.create(model=MODEL, input=TEXTS[:3], dimensions=64)
    for row, whole in zip(short.data, rows, strict=False):
        assert len(row.embedding) == 64 and cosine(row.embedding, whole[:64]) > 0.999999
        assert abs(cosine(row.embedding, row.embedding) - 1) < 1e-6
    ids = [[token["id"] for token in tokens] for tokens in server.json("/tokenize", {"inputs": TEXTS[:3], "add_special_tokens": False})]
    assert [row.embedding for row in client.embeddings.create(model=MODEL, input=ids).data] == rows[:3]
    assert client.embeddings.create(model=MODEL, input=ids[0]).data[0].embedding == rows[0]
    prompted = client.embeddings.create(model=MODEL, input=TEXTS[1], extra_body={"prompt": "query: "}).data[0].embedding
    assert prompted == client.embeddings.create(model=MODEL, input="query: " + TEXTS[1]).data[0].embedding
    assert [model.id for model in client.models.list()] == [MODEL]
    assert client.models.retrieve(MODEL).owned_by == "martlet"
    raises(openai.NotFoundError, lambda: client.embeddings.create(model="gpt", input="a"), "gpt", "not found")
    raises(openai.BadRequestError, lambda: client.embeddings.create(model=MODEL, input=[]), "at least one text")
    raises(openai.BadRequestError, lambda: client.embeddings.create(model=MODEL, input="a", dimensions=385), "dimensions")
    raises(openai.BadRequestError, lambda: client.embeddings.create(model=MODEL, input=[[30522]]), "30522")


def ollama_client(server):
    client = ollama.Client(host=server.url)
    answer = client.embed(model=MODEL, input=TEXTS)
    close(answer.embeddings)
    assert answer.model == MODEL and answer.prompt_eval_count == sum(golden["tokens"] for golden in REFERENCE)
    assert len(client.embed(model="all-minilm", input="a", dimensions=8).embeddings[0]) == 8
    # The name as Ollama writes it, with a tag.
    close(client.embed(model="all-minilm:latest", input=TEXTS[0]).embeddings, texts=REFERENCE[:1])
    close([client.embeddings(model=MODEL, prompt=TEXTS[0]).embedding], texts=REFERENCE[:1])
    listed = client.list().models
    assert [model.model for model in listed] == [MODEL + ":latest"] and len(listed[0].digest[:12]) == 12 and listed[0].details.family == "bert" and listed[0].size > 0
    assert [model.model for model in client.ps().models] == [MODEL + ":latest"]
    close(client.embed(model="all-minilm:22m", input=TEXTS[0]).embeddings, texts=REFERENCE[:1])
    shown = client.show(MODEL)
    assert shown.capabilities == ["embedding"] and shown.modelinfo["bert.embedding_length"] == 384
    assert server.json("/api/version")["version"]
    error = raises(ollama.ResponseError, lambda: client.embed(model="nomic", input="a"), "not found")
    assert error.status_code == 404
    raises(ollama.ResponseError, lambda: client.embed(model=MODEL, input="long " * 400, truncate=False), "256")
    # Unloaded, then loaded by the next request.
    client.embed(model=MODEL, input="a", keep_alive=0)
    assert client.embed(model=MODEL, input="a").embeddings


def langchain_clients(server):
    client = langchain_openai.OpenAIEmbeddings(
        model=MODEL, base_url=server.url + "/v1", api_key="none", check_embedding_ctx_length=False)
    close(client.embed_documents(TEXTS))
    close([client.embed_query(TEXTS[0])], texts=REFERENCE[:1])
    client = langchain_ollama.OllamaEmbeddings(model=MODEL, base_url=server.url)
    close(client.embed_documents(TEXTS))
    close([client.embed_query(TEXTS[0])], texts=REFERENCE[:1])


def llama_index_client(server):
    client = llama_index.embeddings.openai.OpenAIEmbedding(model_name=MODEL, api_base=server.url + "/v1", api_key="none")
    close(client.get_text_embedding_batch(TEXTS))
    close([client.get_query_embedding(TEXTS[0])], texts=REFERENCE[:1])


def hugging_face_client(server):
    client = huggingface_hub.InferenceClient(model=server.url)
    assert [numpy.shape(client.feature_extraction(text)) for text in TEXTS[:2]] == [(1, 384)] * 2
    close([client.feature_extraction(text)[0] for text in TEXTS])
    scores = huggingface_hub.InferenceClient(model=server.url + "/similarity").sentence_similarity(TEXTS[0], other_sentences=TEXTS[1:4])
    for score, golden in zip(scores, REFERENCE[1:4], strict=True):
        assert abs(score - cosine(REFERENCE[0]["embedding"], golden["embedding"])) < 0.02


def text_embeddings_inference(server):
    """TEI has no client of its own: its routes, as its README asks them."""
    close(server.json("/embed", {"inputs": TEXTS}))
    info = server.json("/info")
    assert info["model_type"] == {"embedding": {"pooling": "mean"}} and info["max_input_length"] == 256
    tokens = server.json("/tokenize", {"inputs": TEXTS[0]})[0]
    assert len(tokens) == REFERENCE[0]["tokens"] and tokens[0]["text"] == "[CLS]"
    decoded = server.json("/decode", {"ids": [token["id"] for token in tokens]})
    assert decoded == [TEXTS[0].lower()], decoded
    status, headers, _ = server.call("/embed", {"inputs": TEXTS[0]})
    assert status == 200 and int(headers["x-compute-tokens"]) == REFERENCE[0]["tokens"]
    status, _, text = server.call("/embed", {"inputs": []})
    assert status == 400 and json.loads(text)["error_type"] == "Empty"
    status, headers, text = server.call("/")
    assert status == 200 and not text.startswith("<")
    assert 'te_request_count{method="embed"}' in server.call("/metrics")[2]


def rerankers(server):
    """Each text pair of the goldens has one query with several documents: the scores are the sigmoids of the model's numbers."""
    query = max({pair["texts"][0] for pair in PAIRS}, key=lambda text: sum(pair["texts"][0] == text for pair in PAIRS))
    pairs = [pair for pair in PAIRS if pair["texts"][0] == query and len(pair["texts"]) == 2]
    documents, wanted = [pair["texts"][1] for pair in pairs], [1 / (1 + math.exp(-pair["scores"][0])) for pair in pairs]
    # TEI's and llama.cpp's forms give them in order, best first.
    order = sorted(range(len(wanted)), key=lambda index: -wanted[index])
    client = cohere.ClientV2(api_key="none", base_url=server.url)
    answer = client.rerank(model="cross", query=query, documents=documents)
    got = {result.index: result.relevance_score for result in answer.results}
    assert [result.index for result in answer.results] == order, (got, wanted)
    for index, score in got.items():
        assert abs(score - wanted[index]) < 0.02, (score, wanted[index])
    assert answer.id and answer.meta.api_version.version == "2"
    assert len(client.rerank(model="cross", query=query, documents=documents, top_n=1).results) == 1
    first = cohere.Client(api_key="none", base_url=server.url).rerank(
        model="cross", query=query, documents=[{"text": text} for text in documents], return_documents=True)
    assert [result.document.text for result in first.results] == [documents[index] for index in order]
    tei = server.json("/rerank", {"query": query, "texts": documents, "return_text": True})
    assert [hit["text"] for hit in tei] == [documents[index] for index in order]
    jina = server.json("/v1/rerank", {"model": "cross", "query": query, "documents": documents, "top_n": 2, "return_documents": True})
    assert [hit["document"]["text"] for hit in jina["results"]] == [documents[index] for index in order[:2]]
    assert jina["usage"]["total_tokens"] > 0
    llama = server.json("/v1/reranking", {"query": query, "documents": documents})
    assert llama["object"] == "list" and [hit["index"] for hit in llama["results"]] == order
    raises(cohere.NotFoundError, lambda: client.rerank(model="none", query="a", documents=["b"]), "not found")
    raises(cohere.BadRequestError, lambda: client.rerank(model="cross", query="a", documents=[]), "at least one text")


def keys():
    with Served("--api-key", "secret-key") as server:
        right = openai.OpenAI(base_url=server.url + "/v1", api_key="secret-key", max_retries=0)
        assert len(right.embeddings.create(model=MODEL, input="a").data) == 1
        wrong = openai.OpenAI(base_url=server.url + "/v1", api_key="wrong", max_retries=0)
        raises(openai.AuthenticationError, lambda: wrong.embeddings.create(model=MODEL, input="a"), "API key")
        assert ollama.Client(host=server.url, headers={"authorization": "Bearer secret-key"}).embed(model=MODEL, input="a").embeddings
        assert huggingface_hub.InferenceClient(model=server.url, token="secret-key").feature_extraction("a").shape == (1, 384)


def main():
    warnings.simplefilter("ignore")
    os.environ["NO_PROXY"] = "127.0.0.1"
    chosen, failed = sys.argv[1:], 0

    def check(test, *arguments):
        nonlocal failed
        if chosen and test.__name__ not in chosen:
            return
        try:
            test(*arguments)
            print("passed:", test.__name__)
        except Exception as error:  # noqa: BLE001: the others are to run
            failed += 1
            print(f"FAILED: {test.__name__}: {type(error).__name__}: {error}")
            trace = error.__traceback__
            while trace:
                name = pathlib.Path(trace.tb_frame.f_code.co_filename).name
                if name in ("agents.py", "clients.py", "deployment.py", "dialects.py", "frameworks.py", "stores.py"):
                    print(f"  {name}:{trace.tb_lineno}")
                trace = trace.tb_next

    with Served() as plain:
        for test in (openai_client, ollama_client, langchain_clients, llama_index_client, hugging_face_client, text_embeddings_inference):
            check(test, plain)
        with Served(*ARGUMENTS) as server:
            check(curls, server)
            check(programs, server, plain)
    with Served("--model", f"{MODEL}={MINILM}", "--model", f"cross={CROSS_ENCODER}", "--preload") as server:
        check(rerankers, server)
        for test in [*dialects.TESTS, *frameworks.TESTS]:
            check(test, server)
    check(keys)
    for test in [*agents.TESTS, *stores.TESTS, *deployment.TESTS]:
        check(test)
    raise SystemExit(f"{failed} failed" if failed else 0)


if __name__ == "__main__":
    main()
