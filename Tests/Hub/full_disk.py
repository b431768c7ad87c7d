#!/usr/bin/env python3
"""Pulls a model from a hub on this machine onto disks that become full.

    Tests/Hub/full_disk.py MARTLET

On Linux, as root, as it mounts file systems of a few MB in memory: bytes run out before a pull and in the middle of the weights, and file
entries run out at each number of them. With a C compiler also ../Jobs/faults.c: each call of a pull that changes a file fails, in turn: EIO, a
full disk from there on, a short write, SIGKILL before the call, SIGKILL after half of a write. Each time the message has to name the file and
say what to do, nothing may look whole, and the same command has to give the whole model afterwards.
"""
import argparse
import hashlib
import http.server
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
COMMIT = "0123456789abcdef0123456789abcdef01234567"
WEIGHTS = "model.safetensors"


def fail(what: str) -> None:
    sys.exit(f"FAILED: {what}")


def model(words: int) -> dict[str, bytes]:
    """A table of words, 160 bytes each, and what describes it."""
    name, size = "embeddings.word_embeddings.weight", words * 40 * 4
    header = json.dumps({name: {"dtype": "F32", "shape": [words, 40], "data_offsets": [0, size]}}).encode()
    config = {"model_type": "bert", "architectures": ["BertModel"], "vocab_size": words, "hidden_size": 40, "num_hidden_layers": 1,
              "num_attention_heads": 2, "intermediate_size": 8, "max_position_embeddings": 16, "type_vocab_size": 2}
    modules = [{"type": "sentence_transformers.models.Transformer", "path": ""}, {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"}]
    return {
        "config.json": json.dumps(config).encode(), "tokenizer.json": b"{}", "tokenizer_config.json": b"{ }",
        "modules.json": json.dumps(modules).encode(), "1_Pooling/config.json": b'{"pooling_mode_cls_token": true}',
        WEIGHTS: struct.pack("<Q", len(header)) + header + bytes(i * 31 >> 3 & 255 for i in range(size)),
    }


class Hub(http.server.ThreadingHTTPServer):
    """What the hub answers for one repository."""

    def __init__(self, files: dict[str, bytes]):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = files
        self.digests = {path: hashlib.sha256(data).hexdigest() if path == WEIGHTS
                        else hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest() for path, data in files.items()}
        # Called after the first half of the weights.
        self.half_way = lambda: None
        self.ranges = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        pass  # a client that went away


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.answer(False)

    def do_GET(self):
        self.answer(True)

    def answer(self, has_body: bool) -> None:
        hub, root = self.server, f"/org/tiny/resolve/{COMMIT}/"
        if self.path.startswith("/api/models/org/tiny/revision/"):
            data = json.dumps({"sha": COMMIT, "siblings": [{"rfilename": path} for path in hub.files]}).encode()
            return self.send(200, {}, data, has_body)
        path = self.path.removeprefix(root)
        if path not in hub.files:
            return self.send(404, {"X-Error-Code": "EntryNotFound"}, b"", has_body)
        data, headers = hub.files[path], {"X-Repo-Commit": COMMIT, "ETag": f'"{hub.digests[path]}"'}
        if path == WEIGHTS:
            headers |= {"X-Linked-Etag": f'"{hub.digests[path]}"', "X-Linked-Size": str(len(data))}
        start = 0
        if asked := self.headers.get("Range"):
            start = int(asked.removeprefix("bytes=").split("-")[0])
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        if has_body and path == WEIGHTS:
            hub.ranges.append(start)
        self.send(206 if start else 200, headers, data[start:], has_body, hub.half_way if path == WEIGHTS else None)

    def send(self, status: int, headers: dict, data: bytes, has_body: bool, half_way=None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if not has_body:
            return
        middle = len(data) // 2
        self.wfile.write(data[:middle])
        if half_way:
            half_way()
        self.wfile.write(data[middle:])


class Pulls:
    def __init__(self, martlet: str, hub: Hub, cache: str):
        self.martlet, self.hub, self.cache = martlet, hub, cache
        self.environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "HF_HUB_CACHE": cache, "HF_ENDPOINT": hub.address}

    def run(self, **environment) -> subprocess.CompletedProcess:
        return subprocess.run([self.martlet, "pull", "org/tiny"], env=self.environment | environment, capture_output=True, text=True)

    def listed(self) -> list:
        out = subprocess.run([self.martlet, "list", "--json"], env=self.environment, capture_output=True, text=True, check=True).stdout
        return json.loads(out)

    def check_whole(self, what: str) -> None:
        """The same command gives the whole model."""
        pulled = self.run()
        if pulled.returncode:
            fail(f"{what}: the next pull failed: {pulled.stderr}")
        folder = pulled.stdout.strip()
        for path, data in self.hub.files.items():
            if open(f"{folder}/{path}", "rb").read() != data:
                fail(f"{what}: {path} is not what the hub has")
        if (found := self.listed()) and not found[0].get("problem"):
            return
        fail(f"{what}: the model is not listed as whole: {found}")

    def check_failed(self, what: str, pulled: subprocess.CompletedProcess, is_full: bool = True) -> None:
        """The message says what and where, and nothing looks whole."""
        message = pulled.stderr.strip()
        if pulled.returncode == 0 or not message:
            fail(f"{what}: status {pulled.returncode}, {message!r}")
        if is_full and ("No space left" not in message and "MiB left" not in message or "make room" not in message or self.cache not in message):
            fail(f"{what}: the message does not say what to do: {message}")
        self.check_nothing(what)

    def check_nothing(self, what: str) -> None:
        found = subprocess.run([self.martlet, "pull", "--offline", "org/tiny"], env=self.environment, capture_output=True, text=True)
        if found.returncode == 0:
            fail(f"{what}: a model that is not whole was found")
        blobs = f"{self.cache}/models--org--tiny/blobs"
        for path, digest in self.hub.digests.items():
            blob = f"{blobs}/{digest}"
            if os.path.exists(blob) and open(blob, "rb").read() != self.hub.files[path]:
                fail(f"{what}: {path} has its name and other bytes")


def mounted(folder: str, options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)


def full_disks(martlet: str, hub: Hub, work: str) -> None:
    disk = f"{work}/disk"
    os.makedirs(disk)
    pulls = Pulls(martlet, hub, f"{disk}/hub")
    mounted(disk, "size=2m")
    try:
        pulled = pulls.run()
        pulls.check_failed("too small from the start", pulled)
        print(f"2 MB for a model of 4 MB: {pulled.stderr.splitlines()[-1]}")
        if hub.ranges:
            fail("weights that cannot fit were asked for")
        subprocess.run(["mount", "-o", "remount,size=6m", disk], check=True)

        def fill() -> None:
            partial = f"{pulls.cache}/models--org--tiny/blobs/{hub.digests[WEIGHTS]}.incomplete"
            while not os.path.exists(partial) or os.path.getsize(partial) < 1 << 20:
                time.sleep(0.01)
            with open(f"{disk}/other", "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(bytes(4096))
                except OSError:
                    pass

        hub.half_way = fill
        pulled = pulls.run()
        hub.half_way = lambda: None
        pulls.check_failed("full in the middle", pulled)
        print(f"full in the middle: {pulled.stderr.splitlines()[-1]}")
        if f"org/tiny/{WEIGHTS}" not in pulled.stderr:
            fail("the message does not name the file")
        os.unlink(f"{disk}/other")
        pulls.check_whole("after room was made")
        if hub.ranges[0] != 0 or len(hub.ranges) != 2 or hub.ranges[1] < 1 << 20 or hub.ranges[1] == len(hub.files[WEIGHTS]):
            fail(f"the next pull began at {hub.ranges}")
        print(f"the next pull went on at byte {hub.ranges[1]:,} of {len(hub.files[WEIGHTS]):,}")
    finally:
        subprocess.run(["umount", disk], check=True)
    # A folder, a file, a lock, a link and a file that is renamed take an entry each.
    count = 2
    while True:
        mounted(disk, f"size=6m,nr_inodes={count}")
        try:
            pulled = pulls.run()
            if pulled.returncode == 0:
                break
            pulls.check_failed(f"{count} entries", pulled)
            subprocess.run(["mount", "-o", "remount,nr_inodes=1000", disk], check=True)
            pulls.check_whole(f"after {count} entries")
        finally:
            subprocess.run(["umount", disk], check=True)
        count += 1
    print(f"entries: from 2 to {count - 1} each pull failed with a message, and the next one was whole")


def faults(martlet: str, hub: Hub, work: str) -> None:
    library = f"{work}/faults.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, f"{HERE}/../Jobs/faults.c", "-ldl"], check=True)
    for kind in ["error", "full", "short", "end", "torn"]:
        call = 0
        while True:
            cache, counter = f"{work}/{kind}", f"{work}/count"
            for path in [cache, counter]:
                shutil.rmtree(path, ignore_errors=True) if os.path.isdir(path) else os.path.exists(path) and os.unlink(path)
            pulls = Pulls(martlet, hub, cache)
            pulled = pulls.run(LD_PRELOAD=library, FAULT_FOLDER=cache, FAULT_COUNT=counter, FAULT_CALL=str(call), FAULT_KIND=kind)
            what = f"{kind} at call {call}"
            if pulled.returncode in [-6, -4, -11]:
                fail(f"{what}: signal {-pulled.returncode}: {pulled.stderr}")
            if pulled.returncode > 0:
                pulls.check_failed(what, pulled, is_full=kind == "full")
            elif pulled.returncode < 0:
                pulls.check_nothing(what) if not os.path.exists(f"{cache}/models--org--tiny/refs/main") else None
            pulls.check_whole(what)
            if os.path.getsize(counter) <= call:
                break
            call += 1
        print(f"{kind}: {call} calls, each failed once")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("martlet")
    options = parser.parse_args()
    work = tempfile.mkdtemp(prefix="martlet-full-disk-")
    try:
        if os.geteuid() == 0:
            full_disks(options.martlet, Hub(model(26_000)), work)
        else:
            print("not root: no file system is mounted")
        if shutil.which("cc"):
            faults(options.martlet, Hub(model(600)), work)
        else:
            print("no C compiler: no call fails")
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
