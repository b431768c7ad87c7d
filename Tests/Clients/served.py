"""A server of the built command on a free port, for the length of a test."""

import json
import os
import pathlib
import re
import subprocess
import threading
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
MINILM = ROOT / "Sources/CMartletMiniLM/data/all-MiniLM-L6-v2.gguf"
CROSS_ENCODER = ROOT / "Tests/Fixtures/classifiers/bert-cross"


def command():
    """MARTLET, or the newest build."""
    if "MARTLET" in os.environ:
        return os.environ["MARTLET"]
    builds = [ROOT / ".build" / kind / "martlet" for kind in ("release", "debug")] + [ROOT / ".build-release/release/martlet"]
    builds = [path for path in builds if path.exists()]
    if not builds:
        raise SystemExit("no martlet: run swift build first, or name the command in MARTLET")
    return str(max(builds, key=lambda path: path.stat().st_mtime))


class Served:
    """`with Served("--api-key", "k") as server: server.call("/health")`"""

    def __init__(self, *arguments, wait=True, **process):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MARTLET_")}
        self.process = subprocess.Popen(
            [command(), "serve", "--port", "0", *map(str, arguments)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment, **process)
        self.log, self.url, self.ended = [], None, False
        listening, loaded = threading.Event(), threading.Event()

        def follow():
            for line in self.process.stderr:
                self.log.append(line)
                if found := re.search(r"listening address=(\S+)", line):
                    self.url = found[1]
                    listening.set()
                if "model loaded" in line or "model not loaded" in line:
                    loaded.set()
            listening.set()
            loaded.set()

        threading.Thread(target=follow, daemon=True).start()
        if not wait:
            loaded.set()
        if not (listening.wait(60) and loaded.wait(60) and self.url):
            self.process.kill()
            raise SystemExit("the server does not start:\n" + "".join(self.log))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.ended:
            return
        self.process.terminate()
        if self.process.wait(30) != 0:
            raise AssertionError(f"the server ended with {self.process.returncode}:\n" + "".join(self.log[-20:]))

    def call(self, path, body=None, method=None, headers=None):
        """Status, headers and body as text."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers or {}, method=method)
        try:
            answer = urllib.request.urlopen(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, answer.headers, answer.read().decode()

    def json(self, path, body=None, **more):
        status, _, text = self.call(path, body, **more)
        if status != 200:
            raise AssertionError(f"{path}: {status} {text}")
        return json.loads(text)

    def vectors(self, texts, **more):
        return [row["embedding"] for row in self.json("/v1/embeddings", {"input": texts, **more})["data"]]


def cosine(a, b):
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    return dot / (sum(x * x for x in a) * sum(y * y for y in b)) ** 0.5
