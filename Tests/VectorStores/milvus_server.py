"""Version 2 of Milvus' RESTful interface over Milvus Lite, or over a server of Milvus 2.3, which has version 1 alone. Each call becomes one of
pymilvus' MilvusClient.

    python milvus_server.py FILE.db PORT
    python milvus_server.py http://127.0.0.1:19530 PORT
"""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

from pymilvus import DataType, MilvusClient

client = None
lock = Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "{}")
        try:
            with lock:
                result = {"code": 0, "data": answer(self.path.removeprefix("/v2/vectordb/"), body)}
        except Exception as error:
            result = {"code": 1100, "message": str(error)}
        data = json.dumps(result).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def take(body: dict, *names: str) -> list:
    """The members with these names, and no others."""
    if set(body) - set(names):
        raise ValueError(f"unknown members {set(body) - set(names)}")
    return [body[name] for name in names]


def answer(route: str, body: dict):
    if route == "collections/has":
        return {"has": client.has_collection(*take(body, "collectionName"))}
    if route == "collections/create":
        create(*take(body, "collectionName", "schema", "indexParams", "params"))
        return {}
    if route == "entities/upsert":
        name, rows = take(body, "collectionName", "data")
        return {"upsertCount": client.upsert(name, rows)["upsert_count"]}
    if route == "entities/delete":
        name, expression = take(body, "collectionName", "filter")
        client.delete(name, filter=expression)
        return {}
    if route == "entities/get":
        name, ids, fields = take(body, "collectionName", "id", "outputFields")
        return [dict(row) for row in client.get(name, ids, output_fields=fields)]
    if route == "entities/query":
        name, fields, limit = take(body, "collectionName", "outputFields", "limit")
        rows = client.query(name, filter='id != ""', output_fields=fields, limit=limit)
        return json.loads(json.dumps([dict(row) for row in rows], default=lambda value: [float(number) for number in value]))
    if route == "entities/search":
        name, data, field, limit, fields = take(body, "collectionName", "data", "annsField", "limit", "outputFields")
        hits = client.search(name, data, anns_field=field, limit=limit, output_fields=fields)[0]
        return [{"id": hit["id"], "distance": hit["distance"], **hit["entity"]} for hit in hits]
    raise ValueError(f"no route {route}")


def create(name: str, schema: dict, indexes: list, params: dict) -> None:
    auto, dynamic, fields = take(schema, "autoId", "enableDynamicField", "fields")
    made = client.create_schema(auto_id=auto, enable_dynamic_field=dynamic)
    for field in fields:
        kind = getattr(DataType, {"VarChar": "VARCHAR", "FloatVector": "FLOAT_VECTOR"}[field["dataType"]])
        parameters = {key: int(value) for key, value in field["elementTypeParams"].items()}
        made.add_field(field["fieldName"], kind, is_primary=field.get("isPrimary", False), **parameters)
    index = client.prepare_index_params()
    for entry in indexes:
        field, label, metric, more = take(entry, "fieldName", "indexName", "metricType", "params")
        index.add_index(field, index_type=more["index_type"], metric_type=metric, index_name=label)
    client.create_collection(name, schema=made, index_params=index, consistency_level=params["consistencyLevel"])


if __name__ == "__main__":
    client = MilvusClient(sys.argv[1])
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
