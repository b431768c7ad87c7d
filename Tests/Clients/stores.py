"""OpenAI's own client with files and vector stores: it uploads, waits, searches and deletes."""

import io
import tempfile

import openai
from served import Served

NOTES = {
    "kitchen.md": ("# Cooking\n\nBoil a litre of water for each 100 g of pasta. Salt it well.\n", {"tag": "food", "year": 2024}),
    "garden.txt": ("Roses want sun and a deep soil.", {"tag": "garden", "year": 2022}),
    "travel.html": ("<html><body><h1>Berlin</h1><p>The train leaves at nine.</p></body></html>", {"tag": "travel", "year": 2023}),
}


def file(name, text):
    content = io.BytesIO(text.encode())
    content.name = name
    return content


def vector_stores():
    with tempfile.TemporaryDirectory() as folder, Served("--data", folder) as server:
        client = openai.OpenAI(base_url=server.url + "/v1", api_key="none", max_retries=0)
        store = client.vector_stores.create(name="notes", metadata={"owner": "me"})
        assert store.status == "completed" and store.file_counts.total == 0 and store.metadata == {"owner": "me"}

        # One by one, with attributes.
        for name in ("kitchen.md", "garden.txt"):
            text, attributes = NOTES[name]
            done = client.vector_stores.files.upload_and_poll(
                vector_store_id=store.id, file=file(name, text), attributes=attributes, poll_interval_ms=20)
            assert done.status == "completed" and done.attributes == attributes and done.last_error is None, done
        # In a batch.
        batch = client.vector_stores.file_batches.upload_and_poll(
            store.id, files=[file("travel.html", NOTES["travel.html"][0]), file("picture.png", "\x89PNG\0")], poll_interval_ms=20)
        assert batch.status == "completed" and batch.file_counts.completed == 1 and batch.file_counts.failed == 1, batch
        failed = list(client.vector_stores.files.list(store.id, filter="failed"))
        assert len(failed) == 1 and failed[0].last_error.code == "unsupported_file", failed
        travel = next(iter(client.vector_stores.file_batches.list_files(batch.id, vector_store_id=store.id, filter="completed")))
        changed = client.vector_stores.files.update(travel.id, vector_store_id=store.id, attributes=NOTES["travel.html"][1])
        assert changed.attributes["tag"] == "travel"
        client.vector_stores.files.poll(travel.id, vector_store_id=store.id, poll_interval_ms=20)
        whole = client.vector_stores.retrieve(store.id)
        assert whole.file_counts.completed == 3 and whole.usage_bytes > 0 and whole.status == "completed", whole

        found = list(client.vector_stores.search(store.id, query="how do I cook spaghetti?", max_num_results=1))
        assert len(found) == 1 and found[0].filename == "kitchen.md" and "pasta" in found[0].content[0].text, found
        assert found[0].attributes == NOTES["kitchen.md"][1] and 0 <= found[0].score <= 1
        both = {"type": "and", "filters": [
            {"type": "gte", "key": "year", "value": 2022}, {"type": "in", "key": "tag", "value": ["garden", "travel"]}]}
        names = {hit.filename for hit in client.vector_stores.search(store.id, query="spaghetti", filters=both)}
        assert names == {"garden.txt", "travel.html"}, names
        vectors = client.vector_stores.search(
            store.id, query=["flowers", "roses"], ranking_options={"ranker": "none", "score_threshold": 0.3}, rewrite_query=False)
        assert [hit.filename for hit in vectors] == ["garden.txt"], vectors
        try:
            client.vector_stores.search(store.id, query="a", rewrite_query=True)
            raise AssertionError("a question is rewritten by nobody")
        except openai.BadRequestError as error:
            assert error.param == "rewrite_query"

        # Pages, contents, files.
        assert len(list(client.vector_stores.files.list(store.id, limit=1))) == 4
        text = list(client.vector_stores.files.content(travel.id, vector_store_id=store.id))
        assert "train" in "".join(part.text for part in text), text
        uploaded = list(client.files.list(limit=2))
        assert {one.filename for one in uploaded} == set(NOTES) | {"picture.png"}, uploaded
        assert client.files.content(travel.id).read().decode() == NOTES["travel.html"][0]
        static = {"type": "static", "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 20}}
        second = client.vector_stores.create(file_ids=[travel.id], chunking_strategy=static)
        while client.vector_stores.retrieve(second.id).status == "in_progress":
            pass
        assert client.vector_stores.files.retrieve(travel.id, vector_store_id=second.id).chunking_strategy.static.chunk_overlap_tokens == 20
        assert {one.id for one in client.vector_stores.list(limit=1)} == {store.id, second.id}

        assert client.vector_stores.update(store.id, name="mine").name == "mine"
        assert client.vector_stores.files.delete(travel.id, vector_store_id=store.id).deleted
        assert client.files.delete(travel.id).deleted
        assert client.vector_stores.retrieve(second.id).file_counts.total == 0
        assert client.vector_stores.delete(store.id).deleted and client.vector_stores.delete(second.id).deleted
        try:
            client.vector_stores.retrieve(store.id)
            raise AssertionError("a deleted store answers")
        except openai.NotFoundError:
            pass


TESTS = [vector_stores]
