"""Qdrant's HTTP interface over its own engine, PyPI's qdrant-edge-py. Every body is read by the client's own model of the request, which refuses
members that Qdrant does not have. One shard is a collection.

    python qdrant_server.py FOLDER PORT
"""
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from urllib.parse import unquote

import qdrant_edge as engine
from pydantic import TypeAdapter, ValidationError
from qdrant_client import models

lock = Lock()
folder = ""
collections: dict[str, "Collection"] = {}


class Collection:
    def __init__(self, name: str, request: models.CreateCollection):
        self.config = json.loads(request.model_dump_json(exclude_none=True))
        self.config.setdefault("metadata", {})
        vectors, sparse = self.config.get("vectors") or {}, self.config.get("sparse_vectors") or {}
        quantization = None
        if binary := (self.config.get("quantization_config") or {}).get("binary"):
            quantization = engine.BinaryQuantizationConfig(**binary)
        self.shard = engine.EdgeShard.create(os.path.join(folder, name), engine.EdgeConfig(
            vectors={key: self.dense(value) for key, value in vectors.items()},
            sparse_vectors={key: engine.EdgeSparseVectorParams(modifier=self.modifier(value)) for key, value in sparse.items()},
            quantization_config=quantization))

    @staticmethod
    def dense(value: dict) -> engine.EdgeVectorParams:
        kind = value.get("datatype")
        multi = value.get("multivector_config") and engine.MultiVectorConfig(engine.MultiVectorComparator.MaxSim)
        return engine.EdgeVectorParams(
            size=value["size"], distance=getattr(engine.Distance, value["distance"]), multivector_config=multi,
            datatype=kind and getattr(engine.VectorStorageDatatype, kind.capitalize()))

    @staticmethod
    def modifier(value: dict):
        return engine.Modifier.Idf if value.get("modifier") == "idf" else None

    def update(self, *operations) -> None:
        for operation in operations:
            self.shard.update(operation)
        self.shard.flush()

    def change(self, request: models.UpdateCollection) -> None:
        for name, value in json.loads(request.model_dump_json(exclude_none=True)).get("sparse_vectors", {}).items():
            if self.config["sparse_vectors"].get(name) != value:
                self.update(
                    engine.UpdateOperation.delete_vector_name(name),
                    engine.UpdateOperation.create_sparse_vector(name, self.modifier(value)))
                self.config["sparse_vectors"][name] = value
        self.config["metadata"] |= request.metadata or {}


def vectors(value):
    """Of a request, as the engine takes them."""
    return {name: engine.SparseVector(item.indices, item.values) if isinstance(item, models.SparseVector) else item
            for name, item in value.items()}


def stored(record) -> dict:
    """A point as an answer has it."""
    found = {"id": record.id if isinstance(record.id, int) else str(record.id), "payload": record.payload}
    if record.vector is not None:
        found["vector"] = {name: {"indices": item.indices, "values": item.values} if isinstance(item, engine.SparseVector) else item
                           for name, item in record.vector.items()}
    return found


def operation(request):
    """A part of a batch."""
    kind = engine.UpdateOperation
    match request:
        case models.UpsertOperation():
            return upsert(request.upsert.points)
        case models.UpdateVectorsOperation():
            return kind.update_vectors([engine.PointVectors(point.id, vectors(point.vector)) for point in request.update_vectors.points])
        case models.OverwritePayloadOperation():
            return kind.overwrite_payload(request.overwrite_payload.points, request.overwrite_payload.payload)
        case models.DeleteOperation():
            return kind.delete_points(request.delete.points)
    raise ValueError(f"no operation {request}")


def upsert(points):
    return engine.UpdateOperation.upsert_points([engine.Point(point.id, vectors(point.vector), point.payload) for point in points])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments) -> None:
        pass

    def handle_request(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path, _, query = self.path.partition("?")
        parts = [unquote(part) for part in path.strip("/").split("/")]
        try:
            with lock:
                status, result = answer(self.command, parts, query, body)
        except ValidationError as error:
            status, result = 400, {"status": {"error": f"Format error in JSON body: {error}"}}
        except Exception as error:
            status, result = 400, {"status": {"error": f"Wrong input: {error}"}}
        data = json.dumps(result).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_PUT = do_POST = do_PATCH = handle_request


def read(kind, body: bytes):
    return TypeAdapter(kind).validate_json(body, strict=False)


def answer(method: str, parts: list[str], query: str, body: bytes):
    if len(parts) < 2 or parts[0] != "collections":
        return 404, {"status": {"error": "no route"}}
    name, rest = parts[1], "/".join(parts[2:])
    collection = collections.get(name)
    if method == "PUT" and not rest:
        if collection:
            return 409, {"status": {"error": f"Wrong input: Collection `{name}` already exists!"}}
        collections[name] = Collection(name, read(models.CreateCollection, body))
        return 200, {"result": True}
    if not collection:
        return 404, {"status": {"error": f"Not found: Collection `{name}` doesn't exist!"}}
    if method == "GET" and not rest:
        config = dict(collection.config)
        params = {key: config.pop(key) for key in ["vectors", "sparse_vectors"] if key in config}
        return 200, {"result": {"status": "green", "config": config | {"params": params}}}
    if method == "PATCH" and not rest:
        collection.change(read(models.UpdateCollection, body))
    elif method == "PUT" and rest == "points":
        waits(query)
        collection.update(upsert(read(models.PointsList, body).points))
    elif method == "POST" and rest == "points/delete":
        waits(query)
        collection.update(engine.UpdateOperation.delete_points(read(models.PointIdsList, body).points))
    elif method == "POST" and rest == "points":
        request = read(models.PointRequest, body)
        found = collection.shard.retrieve(request.ids, request.with_payload, request.with_vector)
        return 200, {"result": [stored(record) for record in found]}
    elif method == "POST" and rest == "points/batch":
        waits(query)
        collection.update(*map(operation, read(models.UpdateOperations, body).operations))
    elif method == "POST" and rest == "points/query":
        request = read(models.QueryRequest, body)
        found = collection.shard.query(engine.QueryRequest(
            request.limit, query=engine.Query.Nearest(getattr(request.query, "nearest", request.query), using=request.using), with_payload=True))
        points = [{"id": stored(point)["id"], "version": 0, "score": point.score, "payload": point.payload} for point in found]
        return 200, {"result": {"points": points}, "status": "ok", "time": 0.0}
    elif method == "POST" and rest == "points/scroll":
        request = read(models.ScrollRequest, body)
        found, after = collection.shard.scroll(engine.ScrollRequest(request.offset, request.limit, with_payload=True, with_vector=True))
        return 200, {"result": {"points": [stored(record) for record in found], "next_page_offset": after and str(after)}}
    else:
        return 404, {"status": {"error": "no route"}}
    return 200, {"result": True}


def waits(query: str) -> None:
    if query != "wait=true":
        raise ValueError(f"expected ?wait=true, not {query}")


if __name__ == "__main__":
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
