"""Weaviate or OpenSearch in memory, from their published interfaces: a request that these do not describe is refused, and each answer is checked, too.

    python published_server.py weaviate openapi-specs/schema.json PORT     # from github.com/weaviate/weaviate
    python published_server.py opensearch spec PORT                        # from github.com/opensearch-project/opensearch-api-specification

What the rows do is written here; what a request and an answer look like is the databases' own description. A member that the description does
not have is refused. GET /-/rows is this server's own: all rows by id, and GET /-/refused what was refused.
"""
import json
import pathlib
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from urllib.parse import parse_qsl, unquote, urlsplit

import jsonschema
import referencing
import referencing.jsonschema
import yaml


class Refused(Exception):
    pass


class Description:
    """An OpenAPI description as JSON schemas. References between its files stay as they are."""

    dialect = referencing.jsonschema.DRAFT202012

    def __init__(self, documents: dict, root: str):
        """documents: by address; root: the address of the one with the paths."""
        self.root, self.documents = root, documents
        resources = [(uri, referencing.Resource(document, self.dialect)) for uri, document in documents.items()]
        self.registry = referencing.Registry().with_resources(resources)

    def check(self, value, schema: dict, root: str = "") -> None:
        """References in `schema` are relative to the document `root`."""
        whole = {"$id": (root or self.root) + ".check", "allOf": [absolute(schema, root or self.root)], "unevaluatedProperties": False}
        if isinstance(value, list):
            whole.pop("unevaluatedProperties")
        validator = jsonschema.Draft202012Validator(whole, registry=self.registry, format_checker=jsonschema.FormatChecker())
        faults = list(validator.iter_errors(value))
        if faults:
            # A member that is wrong makes the others unevaluated, too.
            fault = jsonschema.exceptions.best_match([f for f in faults if f.validator != "unevaluatedProperties"] or faults)
            raise Refused(f"{'/'.join(map(str, fault.absolute_path))}: {fault.message[:300]}")

    def operation(self, method: str, path: str, prefix: str = "") -> tuple[str, dict]:
        """The document and the operation of a request."""
        for root, document in self.documents.items():
            for template, operations in document.get("paths", {}).items():
                pattern = prefix + re.sub(r"\{[^}]*\}", "[^/]+", template)
                fixed = "{" not in template
                if re.fullmatch(pattern, path) and method.lower() in operations and (fixed or not is_reserved(path, template, prefix)):
                    return root, operations[method.lower()]
        raise Refused(f"{method} {path} is not described")


def is_reserved(path: str, template: str, prefix: str) -> bool:
    """/_bulk is no index of that name."""
    parts = zip(path.removeprefix(prefix).split("/"), template.split("/"))
    return any(wanted.startswith("{") and part.startswith("_") for part, wanted in parts)


def absolute(schema, root: str):
    """The schema with references from the document `root` made whole."""
    if isinstance(schema, list):
        return [absolute(item, root) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: absolute(value, root) for key, value in schema.items()}
    if isinstance(found.get("$ref"), str) and found["$ref"].startswith("#"):
        found["$ref"] = root + found["$ref"]
    elif isinstance(found.get("$ref"), str) and "://" not in found["$ref"]:
        place, fragment = found["$ref"].split("#")
        found["$ref"] = f"file:///spec/{pathlib.PurePosixPath(place).parent.name or 'schemas'}/{pathlib.PurePosixPath(place).name}#{fragment}"
    return found


def close(schema):
    """Objects with described members have no others. For descriptions that do not compose objects of others."""
    if isinstance(schema, list):
        return [close(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: close(value) for key, value in schema.items()}
    if isinstance(found.get("properties"), dict) and "additionalProperties" not in found:
        found["unevaluatedProperties"] = False
    if found.get("x-nullable") and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
    return found


class Weaviate:
    prefix = "/v1"

    def __init__(self, place: str):
        document = json.load(open(place))
        # ObjectsGetResponse composes Object and what came of it.
        open_ones = {name: document["definitions"][name] for name in ["ObjectsGetResponse", "Object"]}
        document["definitions"] = close(document["definitions"])
        self.object = close(open_ones["Object"])
        document["definitions"].update(open_ones)
        self.description = Description({"file:///spec/weaviate.json": document}, "file:///spec/weaviate.json")
        self.classes, self.stored = {}, {}

    def rows(self) -> dict:
        return {name: {row["properties"]["recordId"]: (row["vector"], row["properties"].get("text"), row["id"]) for row in rows.values()}
                for name, rows in self.stored.items()}

    def check_request(self, operation: dict, root: str, path: str, query: str, raw: bytes, content: str):
        bodies = [parameter for parameter in operation["parameters"] if parameter.get("in") == "body"]
        known = {parameter.get("name") for parameter in operation["parameters"] if parameter.get("in") == "query"}
        if unknown := {name for name, _ in parse_qsl(query)} - known:
            raise Refused(f"parameters {unknown}")
        if not bodies:
            if raw:
                raise Refused("a body where none is described")
            return None
        if content != "application/json":
            raise Refused(f"Content-Type {content}")
        body = json.loads(raw)
        self.description.check(body, bodies[0]["schema"], root)
        for item in body.get("objects", []):
            self.description.check(item, self.object, root)
        return body

    def check_answer(self, operation: dict, root: str, status: int, answer) -> None:
        schema = operation["responses"][str(status)].get("schema")
        if schema:
            self.description.check(answer, schema, root)

    def answer(self, method: str, path: str, body):
        parts = [unquote(part) for part in path.removeprefix("/v1/").split("/")]
        if parts[0] == "schema" and method == "POST":
            name = body["class"]
            if not re.fullmatch("[A-Z][_0-9A-Za-z]*", name):
                return 422, {"error": [{"message": f"'{name}' is not a valid class name"}]}
            if name in self.classes:
                return 422, {"error": [{"message": f"class name {name} already exists"}]}
            self.classes[name] = body | {"replicationConfig": {"factor": 1}}
            self.stored[name] = {}
            return 200, self.classes[name]
        if parts[0] == "schema":
            if parts[1] not in self.classes:
                return 404, None
            if method == "PUT":
                old = self.classes[parts[1]]
                for member in ["class", "vectorizer", "vectorIndexType", "properties"]:
                    if body.get(member) != old.get(member):
                        return 422, {"error": [{"message": f"{member} is immutable"}]}
                self.classes[parts[1]] = body
            return 200, self.classes[parts[1]]
        if parts == ["batch", "objects"]:
            results = []
            for item in body["objects"]:
                self.stored[item["class"]][item["id"]] = item
                results.append(item | {"result": {"status": "SUCCESS"}})
            return 200, results
        if parts[0] == "objects" and method == "DELETE":
            return (204, None) if self.stored.get(parts[1], {}).pop(parts[2], None) else (404, None)
        raise Refused("no route")


class OpenSearch:
    prefix = ""

    def __init__(self, place: str):
        documents = {f"file:///spec/{path.parent.name}/{path.name}": yaml.safe_load(open(path)) for path in pathlib.Path(place).glob("*/*.yaml")}
        self.description = Description(documents, "file:///spec/namespaces/_core.yaml")
        self.mappings, self.stored = {}, {}

    def rows(self) -> dict:
        return {name: {id: (row["embedding"], row.get("text"), id) for id, row in rows.items()} for name, rows in self.stored.items()}

    def strict(self, value, name: str) -> None:
        file, name = name.split(" ")
        self.description.check(value, {"$ref": f"file:///spec/schemas/{file}.yaml#/components/schemas/{name}"})

    def resolved(self, value: dict, root: str) -> dict:
        """What a reference inside a document names."""
        if "$ref" not in value:
            return value
        for part in value["$ref"].removeprefix("#/").split("/"):
            value = value[part] if part in value else self.description.documents[root][part]
        return value

    def check_request(self, operation: dict, root: str, path: str, query: str, raw: bytes, content: str):
        known = [self.resolved(parameter, root) for parameter in operation.get("parameters", [])]
        if unknown := {name for name, _ in parse_qsl(query)} - {parameter["name"] for parameter in known if parameter["in"] == "query"}:
            raise Refused(f"parameters {unknown}")
        if "requestBody" not in operation or not raw:
            if raw:
                raise Refused("a body where none is described")
            return None
        described = self.resolved(operation["requestBody"], root)["content"]
        if content not in described:
            raise Refused(f"Content-Type {content}, described are {list(described)}")
        if content == "application/x-ndjson":
            if not raw.endswith(b"\n"):
                raise Refused("the last line has no end")
            body = [json.loads(line) for line in raw.splitlines()]
        else:
            body = json.loads(raw)
        self.description.check(body, described[content]["schema"], root)
        if content == "application/x-ndjson":
            lines = iter(body)
            for line in lines:
                (kind, about), = line.items()
                self.strict(line, "_core.bulk OperationContainer")
                self.strict(about, f"_core.bulk {kind.capitalize()}Operation")
                if kind == "index":
                    next(lines)
        mapping = body.get("mappings", body) if isinstance(body, dict) else {}
        if isinstance(body, dict) and "mappings" in body:
            self.strict(mapping, "_common.mapping TypeMapping")
        if isinstance(body, dict) and "settings" in body:
            self.strict(body["settings"], "indices._common IndexSettings")
        for field in mapping.get("properties", {}).values():
            kinds = {"knn_vector": "KnnVectorProperty", "keyword": "KeywordProperty", "text": "TextProperty"}
            self.strict(field, f"_common.mapping {kinds[field['type']]}")
            if "method" in field:
                self.strict(field["method"], "_common.mapping KnnVectorMethod")
        return body

    def check_answer(self, operation: dict, root: str, status: int, answer) -> None:
        described = operation["responses"].get(str(status))
        if not described:
            if status != 404:  # which errors there are is not described everywhere
                raise Refused(f"status {status} is not described")
            return
        described = self.resolved(described, root)
        schema = described.get("content", {}).get("application/json", {}).get("schema")
        if schema and answer is not None:
            self.description.check(answer, schema, root)

    def answer(self, method: str, path: str, body):
        index, _, rest = unquote(path).lstrip("/").partition("/")
        absent = {"type": "index_not_found_exception", "reason": f"no such index [{index}]"}
        if method == "PUT" and not rest:
            if index in self.mappings:
                cause = {"type": "resource_already_exists_exception", "reason": f"index [{index}] already exists"}
                return 400, {"error": cause | {"root_cause": [cause]}, "status": 400}
            self.mappings[index], self.stored[index] = body["mappings"], {}
            return 200, {"acknowledged": True, "shards_acknowledged": True, "index": index}
        if index not in self.mappings:
            return 404, {"error": absent | {"root_cause": [absent]}, "status": 404}
        if rest == "_mapping" and method == "GET":
            return 200, {index: {"mappings": self.mappings[index]}}
        if rest == "_mapping":
            self.mappings[index] = self.mappings[index] | body
            return 200, {"acknowledged": True}
        if rest == "_refresh":
            return 200, {"_shards": {"total": 1, "successful": 1, "failed": 0}}
        if rest == "_bulk":
            return 200, {"took": 1, "errors": False, "items": list(self.bulk(index, iter(body)))}
        raise Refused("no route")

    def bulk(self, index: str, lines):
        width = self.mappings[index]["properties"]["embedding"]["dimension"]
        for line in lines:
            (kind, about), = line.items()
            item = {"_index": index, "_id": about["_id"], "status": 200, "result": "updated"}
            if kind == "delete":
                gone = self.stored[index].pop(about["_id"], None) is None
                yield {"delete": item | ({"status": 404, "result": "not_found"} if gone else {"result": "deleted"})}
                continue
            row = next(lines)
            if len(row["embedding"]) != width:
                cause = {"type": "mapper_parsing_exception", "reason": "failed to parse field [embedding]"}
                yield {"index": {"_index": index, "_id": about["_id"], "status": 400, "error": cause}}
                continue
            if about["_id"] not in self.stored[index]:
                item |= {"status": 201, "result": "created"}
            self.stored[index][about["_id"]] = row
            yield {"index": item}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    database = None
    refused: list[str] = []
    lock = Lock()

    def log_message(self, *arguments) -> None:
        pass

    def respond(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        address = urlsplit(self.path)
        try:
            with self.lock:
                status, answer = self.result(address.path, address.query, raw)
        except Exception as error:
            self.refused.append(f"{self.command} {self.path}: {error}")
            print(self.refused[-1], file=sys.stderr, flush=True)
            status, answer = 400, {"error": [{"message": str(error)}]}
        data = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def result(self, path: str, query: str, raw: bytes):
        if path == "/-/rows":
            return 200, self.database.rows()
        if path == "/-/refused":
            return 200, self.refused
        root, operation = self.database.description.operation(self.command, path, self.database.prefix)
        body = self.database.check_request(operation, root, path, query, raw, self.headers.get("Content-Type"))
        status, answer = self.database.answer(self.command, path, body)
        self.database.check_answer(operation, root, status, answer)
        return status, answer

    do_GET = do_POST = do_PUT = do_DELETE = respond


if __name__ == "__main__":
    Handler.database = {"weaviate": Weaviate, "opensearch": OpenSearch}[sys.argv[1]](sys.argv[2])
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[3])), Handler).serve_forever()
