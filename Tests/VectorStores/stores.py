#!/usr/bin/env python3
"""Runs `martlet embed --to` into vector databases.

    Tests/VectorStores/run MARTLET [--kills 100] [--rows 1000] [--only qdrant,chroma,milvus,elasticsearch]
    Tests/VectorStores/run MARTLET --only milvus-server
    Tests/VectorStores/run MARTLET --only weaviate --weaviate openapi-specs/schema.json
    Tests/VectorStores/run MARTLET --only opensearch --opensearch spec

Chroma is its own server. Qdrant is its engine behind HTTP (qdrant_server.py), Milvus is Milvus Lite behind its RESTful interface
(milvus_server.py); milvus-server is the server of Milvus 2.3 behind the same. It listens on every address, so that all runs in a network of its own,
which `unshare` makes. Elasticsearch is noida-db, which speaks its protocol and is independent code. Weaviate and OpenSearch are in memory behind
their published descriptions, which have to be there (published_server.py). Runs are killed with SIGKILL at random moments; at the end each
collection has the rows of a run that nothing interrupted, and vectors of another space are refused.
"""
import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid

import numpy

HERE = os.path.dirname(os.path.abspath(__file__))


class Failed(Exception):
    pass


def check(condition: bool, what: str) -> None:
    if not condition:
        raise Failed(what)


class Run:
    """A corpus, the vectors of it, and the command."""

    def __init__(self, options, folder: str):
        self.options, self.folder = options, folder
        self.input = os.path.join(folder, "in.jsonl")
        choose = random.Random(1)
        words = ["cat", "dog", "river", "stone", "tea", "train"]
        self.ids = [row if row % 2 else f"chat-{row}" for row in range(options.rows)]
        self.texts = [" ".join(choose.choice(words) for _ in range(choose.randint(3, 40))) for _ in self.ids]
        with open(self.input, "w") as file:
            for id, text in zip(self.ids, self.texts):
                file.write(json.dumps({"id": id, "text": text}) + "\n")
        whole = os.path.join(folder, "whole.npy")
        began = time.monotonic()
        self.martlet("-o", whole)
        self.seconds = time.monotonic() - began
        self.vectors = numpy.load(whole)

    def command(self, *arguments: str) -> list[str]:
        return [self.options.martlet, "embed", "-q", "-f", self.input, "--id", "id", *arguments]

    def martlet(self, *arguments: str, expect: int = 0) -> str:
        ended = subprocess.run(self.command(*arguments), capture_output=True, text=True)
        check(ended.returncode == expect, f"{arguments}: {ended.returncode} {ended.stderr}")
        return ended.stderr

    def killed(self, *arguments: str) -> int:
        """Runs the command until it ends by itself, and kills it before that, later each time, so that some rows get through."""
        choose = random.Random(len(arguments[1]))
        kills = 0
        while True:
            process = subprocess.Popen(self.command(*arguments))
            try:
                process.wait(choose.uniform(0.1, 1) * self.seconds * (1 + kills / 8))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                kills += 1
                continue
            check(process.returncode == 0, f"{arguments}: ended with {process.returncode}")
            return kills

    def kill_many(self, name: str, address: str, rows) -> None:
        """rows(collection): {id as text: (vector, text)}."""
        kills = collections = 0
        while kills < self.options.kills:
            collections += 1
            collection = f"killed{collections}"
            kills += self.killed("--to", f"{address}/{collection}")
            self.compare(rows(collection))
        print(f"{name}: {kills} kills in {collections} jobs of {self.options.rows} rows; every collection equals the uninterrupted run",
              flush=True)
        self.martlet("--to", f"{address}/killed1")
        self.compare(rows("killed1"))
        refused = self.martlet("--to", f"{address}/killed1", "--dimensions", "64", expect=1)
        check("another space: dimensions 384 and 64" in refused, refused)
        journal = os.path.join(self.folder, f"{name}.journal")
        changing = ["--to", f"{address}/changing", "--only-changed", "--journal", journal, "--prune"]
        self.martlet(*changing)
        whole = open(self.input).read()
        lines = whole.splitlines(keepends=True)
        changed = json.dumps({"id": self.ids[3], "text": "a new text"}) + "\n"
        open(self.input, "w").write("".join(lines[:3] + [changed] + lines[5:]))
        report = os.path.join(self.folder, "report.json")
        self.martlet(*changing, "--report", report)
        found = rows("changing")
        check(set(found) == {str(id) for id in self.ids} - {str(self.ids[4])}, "rows that are gone are removed")
        check(found[str(self.ids[3])][1] == "a new text", "a changed row is embedded")
        counts = json.load(open(report))
        check(counts["texts"] == 1 and counts["reused"] == len(lines) - 2, f"only changed: {counts}")
        open(self.input, "w").write(whole)
        print(f"{name}: of {len(lines) - 1} records 1 is embedded again and 1 row is removed", flush=True)
        print(f"{name}: a second run replaces every row; another space is refused: {refused.strip()}", flush=True)

    def compare(self, rows: dict) -> None:
        check(set(rows) == {str(id) for id in self.ids}, f"{len(rows)} rows of {len(self.ids)}")
        for id, text, vector in zip(self.ids, self.texts, self.vectors):
            stored, document = rows[str(id)]
            check(document == text, f"{id}: {document}")
            check(numpy.allclose(numpy.asarray(stored), vector, atol=1e-6), f"{id}: vector")


def call(method: str, url: str, body=None):
    request = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


class Server:
    """A server for the time of a test. It is ready when `url` gives an answer, or one with the text `ready` in it."""

    def __init__(self, command: list[str], url: str, log: str, ready: str | None = None):
        self.log = open(log, "wb")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, start_new_session=True)
        for _ in range(1200):
            try:
                answer = urllib.request.urlopen(url).read().decode()
                if ready is None or ready in answer:
                    return
                time.sleep(0.1)
            except urllib.error.HTTPError:
                if ready is None:
                    return
                time.sleep(0.1)
            except OSError:
                check(self.process.poll() is None, f"{command} ended; see {log}")
                time.sleep(0.1)
        raise Failed(f"{command} does not answer")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # With the processes that it has started: milvus-server leaves its own behind.
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(30)


def qdrant(run: Run) -> None:
    port = 6399
    base = f"http://127.0.0.1:{port}/collections"
    command = [sys.executable, os.path.join(HERE, "qdrant_server.py"), os.path.join(run.folder, "qdrant"), str(port)]

    def points(collection: str) -> list:
        return call("POST", f"{base}/{collection}/points/scroll", {"limit": 1_000_000})["result"]["points"]

    def rows(collection: str) -> dict:
        found = points(collection)
        for point in found:
            id = point["payload"]["id"]
            check(point["id"] == (id if isinstance(id, int) else str(uuid.uuid5(uuid.NAMESPACE_DNS, id))), f"id {point['id']}")
        return {str(p["payload"]["id"]): (p["vector"]["dense"], p["payload"]["document"]) for p in found}

    with Server(command, f"{base}/none", os.path.join(run.folder, "qdrant.log")):
        address = f"qdrant://127.0.0.1:{port}"
        run.kill_many("qdrant", address, rows)
        run.martlet("--to", f"{address}/killed1", "--method", "bm25")
        check(all(set(point["vector"]) == {"dense", "sparse"} for point in points("killed1")), "dense and sparse")
        run.compare(rows("killed1"))
        best = call("POST", f"{base}/killed1/points/query", {"query": run.vectors[5].tolist(), "using": "dense", "limit": 3})
        check(best["result"]["points"][0]["payload"]["document"] == run.texts[5], f"nearest: {best}")
        config = call("GET", f"{base}/killed1")["result"]["config"]
        check(config["params"]["vectors"]["dense"]["size"] == 384 and config["params"]["vectors"]["dense"]["distance"] == "Cosine", str(config))
        run.martlet("--to", f"{address}/bits", "--binary-quantization", "--output-precision", "float16")
        print("qdrant: bm25 joins the dense vectors; a search finds the text; float16 and binary quantization are accepted", flush=True)


def chroma(run: Run) -> None:
    import chromadb

    port = 8399
    command = [os.path.join(os.path.dirname(sys.executable), "chroma"), "run", "--path", os.path.join(run.folder, "chroma"), "--port", str(port),
               "--host", "127.0.0.1"]
    with Server(command, f"http://127.0.0.1:{port}/api/v2/heartbeat", os.path.join(run.folder, "chroma.log")):
        client = chromadb.HttpClient(host="127.0.0.1", port=port)

        def rows(collection: str) -> dict:
            found = client.get_collection(collection).get(include=["embeddings", "documents"])
            return {id: pair for id, *pair in zip(found["ids"], found["embeddings"], found["documents"])}

        run.kill_many("chroma", f"chroma://127.0.0.1:{port}", rows)
        collection = client.get_collection("killed1")
        check(collection.configuration_json["hnsw"]["space"] == "cosine", str(collection.configuration_json))
        best = collection.query(query_embeddings=[run.vectors[5].tolist()], n_results=3)
        check(best["documents"][0][0] == run.texts[5], f"nearest: {best}")
        print("chroma: the client reads the collection, and its search finds the text", flush=True)


def milvus(run: Run, name: str = "milvus", store: str = "milvus.db") -> None:
    """Milvus Lite, or the server at the address `store`."""
    port = 8499
    base = f"http://127.0.0.1:{port}/v2/vectordb/entities"
    place = store if store.startswith("http") else os.path.join(run.folder, store)
    command = [sys.executable, os.path.join(HERE, "milvus_server.py"), place, str(port)]

    def rows(collection: str) -> dict:
        body = {"collectionName": collection, "outputFields": ["id", "text", "embedding"], "limit": 16384}
        answer = call("POST", f"{base}/query", body)
        found = answer["data"]
        check(len(found) == len({row["id"] for row in found}), "an id comes twice")
        return {row["id"]: (row["embedding"], row["text"]) for row in found}

    with Server(command, f"http://127.0.0.1:{port}/", os.path.join(run.folder, f"{name}.log")):
        run.kill_many(name, f"milvus://127.0.0.1:{port}", rows)
        best = call("POST", f"{base}/search", {"collectionName": "killed1", "data": [run.vectors[5].tolist()], "annsField": "embedding", "limit": 3,
                                               "outputFields": ["text"]})
        check(best["data"][0]["text"] == run.texts[5], f"nearest: {best}")
        print(f"{name}: a search finds the text", flush=True)


def milvus_server(run: Run) -> None:
    """The server of Milvus 2.3.5, the newest on PyPI."""
    port = 19530
    command = [os.path.join(os.path.dirname(sys.executable), "milvus-server"), "--data", os.path.join(run.folder, "milvus"),
               "--proxy-port", str(port)]
    # It answers on 9091 when all its parts are there, which takes about 20 seconds.
    with Server(command, "http://127.0.0.1:9091/healthz", os.path.join(run.folder, "milvus-server-itself.log"), ready="OK"):
        old = run.martlet("--to", f"milvus://127.0.0.1:{port}/direct", expect=1)
        check("version 2 of its RESTful interface from 2.4 on" in old, old)
        print(f"milvus-server: {old.strip()}", flush=True)
        milvus(run, "milvus-server", f"http://127.0.0.1:{port}")


def enter_network() -> None:
    """Starts this program again in a network of its own, with the loopback interface alone."""
    if "MARTLET_OWN_NETWORK" in os.environ:
        return
    os.environ["MARTLET_OWN_NETWORK"] = "1"
    inside = 'ip link set lo up && exec "$@"'
    os.execvp("unshare", ["unshare", "--net", "--map-root-user", "sh", "-c", inside, "sh", sys.executable, *sys.argv])


def elasticsearch(run: Run) -> None:
    port = 9299
    base = f"http://127.0.0.1:{port}"
    command = [os.path.join(os.path.dirname(sys.executable), "noida-db"), "start", "--only", "elasticsearch", "--elasticsearch-port", str(port),
               "--data-dir", os.path.join(run.folder, "noida")]

    def rows(index: str) -> dict:
        hits = call("POST", f"{base}/{index}/_search", {"query": {"match_all": {}}, "size": 10_000})["hits"]["hits"]
        check(all(hit["_id"] == hit["_source"]["id"] for hit in hits), "ids")
        return {hit["_id"]: (hit["_source"]["embedding"], hit["_source"]["text"]) for hit in hits}

    with Server(command, base, os.path.join(run.folder, "noida.log")):
        run.kill_many("elasticsearch", f"elasticsearch://127.0.0.1:{port}", rows)
        search = {"knn": {"field": "embedding", "query_vector": run.vectors[5].tolist(), "k": 3, "num_candidates": 50}}
        best = call("POST", f"{base}/killed1/_search", search)["hits"]["hits"]
        check(best[0]["_source"]["text"] == run.texts[5], f"nearest: {best[0]}")
        print("elasticsearch: a knn search finds the text", flush=True)


def published(run: Run, name: str, place: str | None, port: int) -> None:
    check(place is not None, f"--{name} names the published description; published_server.py says where it is")
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, os.path.join(HERE, "published_server.py"), name, place, str(port)]

    def rows(collection: str) -> dict:
        stored = call("GET", f"{base}/-/rows")
        found = stored[collection[0].upper() + collection[1:] if name == "weaviate" else collection]
        for id, (_, _, key) in found.items():
            expected = str(uuid.uuid5(uuid.NAMESPACE_DNS, id)) if name == "weaviate" else id
            check(key == expected, f"id {key}")
        return {id: (vector, text) for id, (vector, text, _) in found.items()}

    with Server(command, f"{base}/-/rows", os.path.join(run.folder, f"{name}.log")):
        run.kill_many(name, f"{name}://127.0.0.1:{port}", rows)
        if name == "weaviate":
            run.martlet("--to", f"{name}://127.0.0.1:{port}/Bits", "--binary-quantization")
        refused = call("GET", f"{base}/-/refused")
        check(refused == [], f"requests or answers that are not described: {refused[:3]}")
        print(f"{name}: every request and every answer is of the published form", flush=True)


def main() -> None:
    stores = {
        "qdrant": qdrant, "chroma": chroma, "milvus": milvus, "milvus-server": milvus_server, "elasticsearch": elasticsearch,
        "weaviate": lambda run: published(run, "weaviate", run.options.weaviate, 8599),
        "opensearch": lambda run: published(run, "opensearch", run.options.opensearch, 8699),
    }
    parser = argparse.ArgumentParser()
    parser.add_argument("martlet")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--only", default="qdrant,chroma,milvus,elasticsearch")
    parser.add_argument("--weaviate", help="schema.json of Weaviate's repository")
    parser.add_argument("--opensearch", help="the folder spec of opensearch-api-specification")
    options = parser.parse_args()
    if "milvus-server" in options.only.split(","):
        enter_network()
    folder = tempfile.mkdtemp()
    os.environ["XDG_STATE_HOME"] = folder
    try:
        run = Run(options, folder)
        for name in options.only.split(","):
            stores[name](run)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


try:
    main()
except Failed as failure:
    sys.exit(f"FAILED: {failure}")
