"""The clients of hosted services, pointed at the server: what each asks of it, against the goldens."""

import base64
import json
import math

import cohere
import litellm
import mistralai.client
import numpy
import openai
import voyageai
from served import CROSS_ENCODER, MINILM, ROOT, Served, cosine

MODEL = "all-MiniLM-L6-v2"
GOLDENS = [json.loads(line) for line in (ROOT / "Tests/Fixtures/goldens/minilm.jsonl").read_text().splitlines()]
REFERENCE = [golden for golden in GOLDENS if golden["tokens"] >= 8][:12]
TEXTS = [golden["text"] for golden in REFERENCE]
PAIRS = [json.loads(line) for line in (CROSS_ENCODER / "goldens.jsonl").read_text().splitlines()]
QUERY = max({pair["texts"][0] for pair in PAIRS}, key=lambda text: sum(pair["texts"][0] == text for pair in PAIRS))
RANKED = [pair for pair in PAIRS if pair["texts"][0] == QUERY and len(pair["texts"]) == 2]
DOCUMENTS, SCORES = [pair["texts"][1] for pair in RANKED], [1 / (1 + math.exp(-pair["scores"][0])) for pair in RANKED]


def close(rows, least=0.998):
    assert len(rows) == len(TEXTS), len(rows)
    worst = min(cosine(row, golden["embedding"]) for row, golden in zip(rows, REFERENCE, strict=True))
    assert worst >= least, f"cosine {worst} with the golden vectors"


def signs(packed, offset=0):
    """The bits of packed bytes as -1 and 1, and those of the golden vectors."""
    got = numpy.unpackbits((numpy.array(packed) + offset).astype(numpy.uint8), axis=1)
    wanted = numpy.array([golden["embedding"] for golden in REFERENCE]) > 0
    agree = (got == wanted).mean()
    assert agree > 0.97, agree


def ranked(hits):
    """Hits as index and score, best first."""
    assert [index for index, _ in hits] == sorted(range(len(SCORES)), key=lambda index: -SCORES[index])[:len(hits)], hits
    assert all(abs(score - SCORES[index]) < 0.02 for index, score in hits), hits


def cohere_embed(server):
    second = cohere.ClientV2(api_key="none", base_url=server.url)
    kinds = ["float", "int8", "uint8", "binary", "ubinary", "base64"]
    answer = second.embed(model=MODEL, texts=TEXTS, input_type="search_document", embedding_types=kinds)
    close(answer.embeddings.float_)
    close(answer.embeddings.int8, 0.997)
    close([[number - 128 for number in row] for row in answer.embeddings.uint8], 0.997)
    signs(answer.embeddings.binary, 128)
    signs(answer.embeddings.ubinary)
    decoded = [numpy.frombuffer(base64.b64decode(row), "<f4") for row in answer.embeddings.base64]
    assert numpy.array_equal(numpy.float32(decoded), numpy.float32(answer.embeddings.float_))
    assert answer.texts == TEXTS and answer.meta.api_version.version == "2" and answer.response_type == "embeddings_by_type"
    inputs = [{"content": [{"type": "text", "text": text}]} for text in TEXTS]
    contents = second.embed(model=MODEL, inputs=inputs, input_type="search_query", embedding_types=["float"], output_dimension=64)
    assert all(len(row) == 64 for row in contents.embeddings.float_)
    first = cohere.Client(api_key="none", base_url=server.url)
    close(first.embed(model=MODEL, texts=TEXTS, input_type="search_document").embeddings)
    close(first.embed(model=MODEL, texts=TEXTS, input_type="search_document", embedding_types=["int8"]).embeddings.int8, 0.997)
    try:
        second.embed(model=MODEL, texts=["long " * 400], input_type="search_query", embedding_types=["float"], truncate="NONE")
        raise AssertionError("a text that is too long is embedded")
    except cohere.BadRequestError as error:
        assert "402 tokens" in error.body["message"], error.body


def voyage(server):
    client = voyageai.Client(api_key="none", base_url=server.url + "/v1")
    answer = client.embed(TEXTS, model=MODEL, input_type="document")
    close(answer.embeddings)
    assert answer.total_tokens == sum(golden["tokens"] for golden in REFERENCE)
    close(client.embed(TEXTS, model=MODEL, output_dtype="int8").embeddings, 0.997)
    signs(client.embed(TEXTS, model=MODEL, output_dtype="binary").embeddings, 128)
    signs(client.embed(TEXTS, model=MODEL, output_dtype="ubinary").embeddings)
    assert len(client.embed(TEXTS[:1], model=MODEL, output_dimension=64).embeddings[0]) == 64
    try:
        client.embed(["long " * 400], model=MODEL, truncation=False)
        raise AssertionError("a text that is too long is embedded")
    except voyageai.error.InvalidRequestError as error:
        assert "402 tokens" in str(error), error
    for top in (None, 2):
        result = client.rerank(QUERY, DOCUMENTS, model="cross", top_k=top)
        assert len(result.results) == (top or len(DOCUMENTS)) and result.results[0].document == DOCUMENTS[result.results[0].index]
        ranked([(hit.index, hit.relevance_score) for hit in result.results])


def mistral(server):
    client = mistralai.client.Mistral(api_key="none", server_url=server.url)
    answer = client.embeddings.create(model=MODEL, inputs=TEXTS)
    close([row.embedding for row in answer.data])
    small = client.embeddings.create(model=MODEL, inputs=TEXTS, output_dtype="int8", output_dimension=384)
    close([row.embedding for row in small.data], 0.997)
    assert len(client.embeddings.create(model=MODEL, inputs="a", output_dimension=32).data[0].embedding) == 32


def azure(server):
    client = openai.AzureOpenAI(api_key="none", azure_endpoint=server.url, api_version="2024-10-21", max_retries=0)
    close([row.embedding for row in client.embeddings.create(model=MODEL, input=TEXTS).data])
    try:
        client.embeddings.create(model="gpt", input="a")
        raise AssertionError("a deployment that does not exist answers")
    except openai.NotFoundError as error:
        assert "gpt" in str(error)


def lite_llm(server):
    litellm.suppress_debug_info = True
    def rows(model, base, **more):
        return [row["embedding"] for row in litellm.embedding(model=model, input=TEXTS, api_base=server.url + base, api_key="none", **more).data]
    close(rows(f"openai/{MODEL}", "/v1", encoding_format="float"))
    close(rows(f"cohere/{MODEL}", "/v2/embed"))
    close(rows(f"jina_ai/{MODEL}", "/v1"))
    close(rows(f"infinity/{MODEL}", ""))
    close(rows(f"mistral/{MODEL}", "/v1"))
    close(rows(f"ollama/{MODEL}", ""))
    close(rows(f"azure/{MODEL}", "", api_version="2024-10-21"))
    for model, base in (("cohere/cross", ""), ("jina_ai/cross", ""), ("infinity/cross", "")):
        answer = litellm.rerank(
            model=model, query=QUERY, documents=DOCUMENTS, top_n=2, return_documents=True, api_base=server.url + base, api_key="none")
        ranked([(hit["index"], hit["relevance_score"]) for hit in answer.results])
        for hit in answer.results if model != "cohere/cross" else []:
            # LiteLLM leaves empty documents out.
            assert hit.get("document", {"text": ""})["text"] == DOCUMENTS[hit["index"]], (model, hit)


TESTS = [cohere_embed, voyage, mistral, azure, lite_llm]
