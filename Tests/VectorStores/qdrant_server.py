"""Qdrant's HTTP interface over qdrant-client's local mode. Every body is read by the client's own model of the request, which refuses members
that Qdrant does not have.

    python qdrant_server.py FOLDER PORT
"""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from urllib.parse import unquote

from pydantic import TypeAdapter, ValidationError
from qdrant_client import QdrantClient, models

client = None
lock = Lock()


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
        except ValueError as error:
            status, result = 400, {"status": {"error": str(error)}}
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
    if method == "PUT" and not rest:
        request = read(models.CreateCollection, body)
        client.create_collection(
            name, vectors_config=request.vectors, sparse_vectors_config=request.sparse_vectors,
            quantization_config=request.quantization_config, metadata=request.metadata)
        return 200, {"result": True}
    if not client.collection_exists(name):
        return 404, {"status": {"error": f"Not found: Collection `{name}` doesn't exist!"}}
    if method == "GET" and not rest:
        return 200, {"result": json.loads(client.get_collection(name).model_dump_json(exclude_none=True))}
    if method == "PATCH" and not rest:
        request = read(models.UpdateCollection, body)
        client.update_collection(name, sparse_vectors_config=request.sparse_vectors, metadata=request.metadata)
    elif method == "PUT" and rest == "points":
        waits(query)
        client.upsert(name, read(models.PointsList, body).points)
    elif method == "POST" and rest == "points/delete":
        waits(query)
        client.delete(name, read(models.PointIdsList, body))
    elif method == "POST" and rest == "points":
        request = read(models.PointRequest, body)
        found = client.retrieve(name, request.ids, with_payload=request.with_payload, with_vectors=request.with_vector)
        return 200, {"result": [json.loads(record.model_dump_json()) for record in found]}
    elif method == "POST" and rest == "points/batch":
        waits(query)
        client.batch_update_points(name, read(models.UpdateOperations, body).operations)
    elif method == "POST" and rest == "points/query":
        found = client.query_points(name, **{k: v for k, v in read(models.QueryRequest, body) if v is not None and k != "with_vector"})
        return 200, {"result": json.loads(found.model_dump_json())}
    elif method == "POST" and rest == "points/scroll":
        request = read(models.ScrollRequest, body)
        found, after = client.scroll(name, limit=request.limit, offset=request.offset, with_payload=True, with_vectors=True)
        return 200, {"result": {"points": [json.loads(record.model_dump_json()) for record in found], "next_page_offset": after}}
    else:
        return 404, {"status": {"error": "no route"}}
    return 200, {"result": True}


def waits(query: str) -> None:
    if query != "wait=true":
        raise ValueError(f"expected ?wait=true, not {query}")


if __name__ == "__main__":
    client = QdrantClient(path=sys.argv[1])
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
