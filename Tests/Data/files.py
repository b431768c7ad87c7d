"""What martlet writes is read by pyarrow, pandas, DuckDB, LanceDB and Spark, and what they and polars write is read by martlet."""

import bz2
import gzip
import json
import lzma
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import lancedb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import zstandard
from pyspark.sql import SparkSession

martlet = sys.argv[1]
folder = Path(tempfile.mkdtemp())
TEXTS = ["How do I cook pasta?", "a spaghetti recipe", "zwei\nZeilen", "日本語 🇩🇪", "", "the stock market fell"] * 50
IDS = [f"id {i}" if i % 3 else i for i in range(len(TEXTS))]
failures = 0


def run(*arguments, status=0, **options):
    ended = subprocess.run([martlet, *map(str, arguments)], capture_output=True, **options)
    if ended.returncode != status:
        raise SystemExit(f"{arguments}: status {ended.returncode}: {ended.stderr.decode()}")
    return ended.stdout


def lz4(content):
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "lz4") as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


def check(what, passed):
    global failures
    print("ok    " if passed else "FAILED", what)
    failures += not passed


source = folder / "in.jsonl"
source.write_text("".join(json.dumps({"id": i, "text": t}) + "\n" for i, t in zip(IDS, TEXTS)))
run("embed", "-f", source, "--id", "id", "-o", folder / "v.npy")
expected = np.load(folder / "v.npy")
meta = json.loads((folder / "v.npy.meta.json").read_text())
check("npy: ids beside it", meta["ids"] == IDS and meta["rows"] == len(TEXTS) and meta["skipped"] == [])
run("embed", "-f", source, "--id", "id", "-o", folder / "v.f32")
check("f32: the same numbers", np.array_equal(np.fromfile(folder / "v.f32", "<f4").reshape(expected.shape), expected))

# Dense vectors
run("embed", "-f", source, "--id", "id", "-o", folder / "v.parquet")
table = pq.read_table(folder / "v.parquet")
check("pyarrow: ids", table["id"].to_pylist() == [str(i) for i in IDS])
check("pyarrow: indices", table["index"].to_pylist() == list(range(len(TEXTS))))
check("pyarrow: vectors", np.array_equal(np.array(table["embedding"].to_pylist(), "f4"), expected))
check("pyarrow: a list of fixed size", table.schema.field("embedding").type == pa.list_(
    pa.field("element", pa.float32(), nullable=False), expected.shape[1]))
frame = pd.read_parquet(folder / "v.parquet")
check("pandas: vectors", np.array_equal(np.stack(frame["embedding"]).astype("f4"), expected))
rows = duckdb.sql(f"select id, embedding from '{folder}/v.parquet' order by index").fetchall()
check("DuckDB: ids and vectors", [r[0] for r in rows] == [str(i) for i in IDS]
      and np.array_equal(np.array([r[1] for r in rows], "f4"), expected))
check("DuckDB: an array of fixed size", duckdb.sql(
    f"select count(*) from '{folder}/v.parquet' where embedding::float[384] is not null").fetchall()[0][0] == len(TEXTS))
# Arrow's own files
run("embed", "-f", source, "--id", "id", "-o", folder / "v.arrow")
with pa.memory_map(str(folder / "v.arrow")) as mapped:
    reader = pa.ipc.open_file(mapped)
    arrow = reader.read_all()
    arrow.validate(full=True)
    check("pyarrow: an Arrow file is the table of the Parquet file", arrow.equals(table))
    check("pyarrow: what made the vectors of an Arrow file", "space" in json.loads(reader.schema.metadata[b"martlet.identity"]))
check("pyarrow: its messages as a stream", pa.ipc.open_stream((folder / "v.arrow").read_bytes()[8:]).read_all().equals(table))
check("pandas: an Arrow file", np.array_equal(np.stack(pd.read_feather(folder / "v.arrow")["embedding"]).astype("f4"), expected))
again = duckdb.sql("select id, embedding from arrow order by index").fetchall()
check("DuckDB: an Arrow file", [(row[0], list(row[1])) for row in again] == [(row[0], list(row[1])) for row in rows])
many = folder / "many.txt"
many.write_text("".join(f"a {i}\n" for i in range(12_000)))
run("embed", "-f", many, "-o", folder / "many.npy")
run("embed", "-f", many, "-o", folder / "many.arrow")
with pa.memory_map(str(folder / "many.arrow")) as mapped:
    reader = pa.ipc.open_file(mapped)
    check("pyarrow: several batches", reader.num_record_batches == 3 and np.array_equal(
        np.stack(reader.read_all()["embedding"].to_numpy()), np.load(folder / "many.npy")))

# LanceDB, by Parquet and by Arrow
for name, made in [("Parquet", table), ("Arrow", arrow)]:
    database = lancedb.connect(folder / f"lance-{name}")
    lance = database.create_table("texts", made)
    check(f"LanceDB: {name}: rows", lance.count_rows() == len(TEXTS))
    found = lance.search(expected[1], vector_column_name="embedding").distance_type("cosine").limit(3).to_list()
    check(f"LanceDB: {name}: the nearest have the text of the query", all(TEXTS[row["index"]] == TEXTS[1] for row in found) and len(found) == 3)
run("embed", "-f", source, "--id", "id", "-o", folder / "v2.parquet")
lance.merge_insert("index").when_matched_update_all().when_not_matched_insert_all().execute(pq.read_table(folder / "v2.parquet"))
check("LanceDB: rows that are merged again replace those of their index", lance.count_rows() == len(TEXTS))

# Spark
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
spark.sparkContext.setLogLevel("ERROR")
collected = spark.read.parquet(str(folder / "v.parquet")).orderBy("index").collect()
check("Spark: ids and vectors", [row["id"] for row in collected] == [str(i) for i in IDS]
      and np.array_equal(np.array([row["embedding"] for row in collected], "f4"), expected))
spark.createDataFrame(list(zip(map(str, IDS), TEXTS)), "id string, text string").coalesce(1).write.parquet(str(folder / "spark"))
spark.stop()

for precision, kind in [("float16", np.float16), ("ubinary", np.uint8)]:
    run("embed", "-f", source, "--output-precision", precision, "-o", folder / "q.arrow")
    run("embed", "-f", source, "--output-precision", precision, "-o", folder / "q.npy")
    run("embed", "-f", source, "--output-precision", precision, "-o", folder / "q.parquet")
    found = np.array(pq.read_table(folder / "q.parquet")["embedding"].to_pylist())
    check(f"pyarrow: {precision}", np.array_equal(found.astype(kind), np.load(folder / "q.npy")))
    feather = pa.feather.read_table(folder / "q.arrow")["embedding"]
    check(f"pyarrow: {precision} in Arrow", feather.type.value_type.to_pandas_dtype() == kind
          and np.array_equal(np.array(feather.to_pylist()).astype(kind), np.load(folder / "q.npy")))

# Sparse vectors and vectors of tokens
for name, options in [("sparse", ["--method", "bm25", "--tokens"]), ("tokens", ["--pooling", "none"])]:
    run("embed", "-f", source, *options, "-o", folder / f"{name}.parquet")
    lines = [json.loads(line) for line in run("embed", "-f", source, *options).splitlines()]
    table = pq.read_table(folder / f"{name}.parquet").to_pylist()
    for key in ["indices", "values", "tokens"] if name == "sparse" else ["tokens", "embedding"]:
        same = [np.array_equal(np.asarray(a[key], dtype=None if key == "tokens" else "f4"),
                               np.asarray(b[key], dtype=None if key == "tokens" else "f4")) for a, b in zip(lines, table)]
        check(f"pyarrow: {name}: {key}", len(lines) == len(table) and all(same))
    count = duckdb.sql(f"select count(*) from '{folder}/{name}.parquet'").fetchall()[0][0]
    check(f"DuckDB: {name}", count == len(TEXTS))

# What was left out
bad = folder / "bad.jsonl"
bad.write_text('{"text":"a"}\nbad\n{"text":"b"}\n')
run("embed", "-f", bad, "--on-error", "skip", "-o", folder / "bad.parquet")
metadata = pq.read_metadata(folder / "bad.parquet").metadata
check("pyarrow: what made the vectors", "space" in json.loads(metadata[b"martlet.identity"]))
check("pyarrow: skipped records", json.loads(metadata[b"martlet.skipped"])[0]["index"] == 1)
check("pyarrow: the other rows keep their index", pq.read_table(folder / "bad.parquet")["index"].to_pylist() == [0, 2])
empty = folder / "empty.parquet"
run("embed", "-o", empty, input=b"")
check("pyarrow, DuckDB: no rows", pq.read_table(empty).num_rows == 0
      and duckdb.sql(f"select count(*) from '{empty}'").fetchall()[0][0] == 0)

# Read by martlet
jsonl = run("embed", "-f", source, "--id", "id")
strings = [str(i) for i in IDS]
frame = pd.DataFrame({"id": strings, "n": range(len(TEXTS)), "text": TEXTS})
written = {}
frame.to_parquet(folder / "pandas.parquet")
written["pandas"] = folder / "pandas.parquet"
for codec in ["none", "snappy", "gzip", "zstd"]:
    for version in ["1.0", "2.0"]:
        path = folder / f"pyarrow-{codec}-{version}.parquet"
        pq.write_table(pa.Table.from_pandas(frame), path, compression=codec, data_page_version=version, row_group_size=77)
        written[f"pyarrow {codec} {version}"] = path
for codec in ["uncompressed", "snappy", "gzip", "zstd"]:
    path = folder / f"duckdb-{codec}.parquet"
    duckdb.sql("select * from frame").write_parquet(str(path), compression=codec)
    written[f"DuckDB {codec}"] = path
for codec in ["uncompressed", "lz4", "zstd"]:
    pl.DataFrame({"id": strings, "n": range(len(TEXTS)), "text": TEXTS}).write_ipc(folder / f"polars-{codec}.arrow", compression=codec)
    written[f"polars Arrow {codec}"] = folder / f"polars-{codec}.arrow"
    pa.feather.write_feather(frame, folder / f"pyarrow-{codec}.feather", compression=codec, chunksize=77)
    written[f"pyarrow Feather {codec}"] = folder / f"pyarrow-{codec}.feather"
frame.to_feather(folder / "pandas.feather")
written["pandas Feather"] = folder / "pandas.feather"
with pa.ipc.new_stream(folder / "duckdb.arrows", duckdb.sql("select * from frame").to_arrow_table().schema) as stream:
    stream.write_table(duckdb.sql("select * from frame").to_arrow_table(), max_chunksize=50)
written["an Arrow stream of DuckDB"] = folder / "duckdb.arrows"
written["Spark"] = next((folder / "spark").glob("*.parquet"))
wanted = [(str(row["id"]), row["embedding"]) for row in map(json.loads, jsonl.splitlines())]
for name, path in written.items():
    found = [json.loads(line) for line in run("embed", "-f", path, "--id", "id").splitlines()]
    check(f"martlet reads {name}", [(row["id"], row["embedding"]) for row in found] == wanted)
content = source.read_bytes()
for name, data in {
    "x.jsonl.gz": gzip.compress(content), "x.jsonl.zst": zstandard.compress(content), "x.jsonl.bz2": bz2.compress(content),
    "x.jsonl.xz": lzma.compress(content), "x.jsonl.lz4": lz4(content),
    "parts.jsonl.bz2": b"".join(bz2.compress(content[at:at + 1000]) for at in range(0, len(content), 1000)),
    "x.arrow.zst": zstandard.compress((folder / "pandas.feather").read_bytes()),
    "utf16.jsonl": content.decode().encode("utf-16"),
    "utf16.jsonl.gz": gzip.compress(("\ufeff" + content.decode()).encode("utf-16-be")),
}.items():
    (folder / name).write_bytes(data)
    found = run("embed", "-f", folder / name, "--id", "id")
    if ".arrow" in name:
        check(f"martlet reads {name}", [(row["id"], row["embedding"]) for row in map(json.loads, found.splitlines())] == wanted)
    else:
        check(f"martlet reads {name}", found == jsonl)
check("martlet reads Arrow on standard input", len(run("embed", "--input", "arrow", input=(folder / "pandas.feather").read_bytes()).splitlines()) == len(TEXTS))
check("martlet reads gzip on standard input", run("embed", "--id", "id", input=gzip.compress(content)) == jsonl)
array = folder / "array.json"
array.write_text(json.dumps([{"id": i, "text": t} for i, t in zip(IDS, TEXTS)], indent=1))
check("martlet reads an array of JSON", run("embed", "-f", array, "--id", "id") == jsonl)

print(f"{failures} failed" if failures else "all passed")
sys.exit(failures > 0)
