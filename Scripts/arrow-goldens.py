#!/usr/bin/env python3
"""Writes the Arrow files of Tests/MartletDataTests/Goldens with pyarrow, polars and datasets: arrow-goldens.py FOLDER

    pip install pyarrow==26.0.1 polars==2.1.0 datasets==5.2.0

Each file has the rows of `rows.jsonl`, which parquet-goldens.py writes: {"id": …, "text": …}, with null where a value is missing. Of files
whose texts are categories, the text "" is a category like others.
"""
import decimal
import json
import sys
import tempfile
from pathlib import Path

import datasets
import polars as pl
import pyarrow as pa
import pyarrow.feather

folder = Path(sys.argv[1])
rows = [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]
texts, ids = [row["text"] for row in rows], [row["id"] for row in rows]
count = len(rows)


def table(text=pa.string(), id=pa.int64(), **before):
    return pa.table({**before, "text": pa.array(texts, text) if isinstance(text, pa.DataType) else text, "id": pa.array(ids, id)})


def write(name, table, stream=False, batch=128, **options):
    make = pa.ipc.new_stream if stream else pa.ipc.new_file
    with make(folder / f"{name}.arrow", table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table, max_chunksize=batch)


write("file", table(n=pa.array(range(count), pa.int32())))
write("stream", table(id=pa.int32()), stream=True)
write("before-0.15", table(), stream=True, use_legacy_format=True, metadata_version=pa.ipc.MetadataVersion.V4)
write("large", table(pa.large_string(), pa.int16()), compression="lz4")
write("views", table(pa.string_view()))
pyarrow.feather.write_feather(table(), folder / "feather.arrow", compression="lz4", chunksize=100)
pyarrow.feather.write_feather(table(), folder / "zstd.arrow", compression="zstd")
required = pa.table({"text": [t or "-" for t in texts], "id": [str(i) for i in ids]})
write("required", required, batch=64)
write("required-stream", required, stream=True, batch=64)
# A part of a longer table: offsets and bits of its batches do not begin at 0 in memory.
longer = pa.concat_tables([pa.table({"text": ["before"] * 5, "id": pa.array([0] * 5, pa.int64())}), table()]).combine_chunks()
write("slice", longer.slice(5), batch=77)
# Columns of every layout before the text.
structs = pa.array([{"a": i, "b": [str(i)] * (i % 3)} if i % 4 else None for i in range(count)])
numbers = [decimal.Decimal(i) for i in range(count)]
union = pa.UnionArray.from_dense(pa.array([i % 2 for i in range(count)], pa.int8()), pa.array([i // 2 for i in range(count)], pa.int32()),
                                 [pa.array(range(count), pa.int16()), pa.array([str(i) for i in range(count)])])
write("columns", table(
    nothing=pa.nulls(count), structs=structs, union=union, numbers=pa.array(numbers),
    lists=pa.array([[i] * (i % 4) for i in range(count)], pa.large_list(pa.int16())),
    maps=pa.array([[("k", i)] for i in range(count)], pa.map_(pa.string(), pa.int32())), fixed=pa.array([[i, i] for i in range(count)], pa.list_(pa.float32(), 2)),
    views=pa.array([f"a text of more than twelve bytes {i}" for i in range(count)], pa.string_view()),
    binary=pa.array([b"x"] * count), runs=pa.RunEndEncodedArray.from_arrays(pa.array([count], pa.int32()), pa.array([1])),
    days=pa.array([0] * count, pa.date32()), half=pa.array([0.5] * count, pa.float16()), bools=pa.array([True] * count),
    categories=pa.array(["c"] * count).dictionary_encode()))
# Dictionaries: of texts, and ones that grow or are replaced between batches.
write("dictionary", pa.table({"text": pa.array(texts).dictionary_encode(), "id": pa.array([str(i) if i is not None else None for i in ids]).dictionary_encode()}))
for name, deltas in [("replaced", False), ("deltas", True)]:
    seen, chunks = [], []
    for start in range(0, count, 100):
        part = texts[start:start + 100]
        seen = (seen if deltas else []) + [t for t in dict.fromkeys(part) if t is not None and (not deltas or t not in seen)]
        chunks.append(pa.DictionaryArray.from_arrays(pa.array([seen.index(t) if t is not None else None for t in part], pa.int8()), pa.array(seen)))
    growing = pa.table({"text": pa.chunked_array(chunks), "id": pa.array(ids, pa.int64())})
    write(name, growing, stream=True, batch=100, emit_dictionary_deltas=deltas)
# polars: views of texts, and categories.
frame = pl.DataFrame({"id": ids, "text": texts})
frame.write_ipc(folder / "polars.arrow")
frame.write_ipc(folder / "polars-zstd.arrow", compression="zstd")
frame.with_columns(pl.col("text").cast(pl.Categorical)).write_ipc_stream(folder / "polars-categories.arrow")
# datasets keeps its cache in streams.
with tempfile.TemporaryDirectory() as work:
    datasets.Dataset.from_dict({"id": ids, "text": texts}).save_to_disk(work)
    (folder / "datasets.arrow").write_bytes(next(Path(work).glob("*.arrow")).read_bytes())
# Ids of other types.
for name, values in {"uint64": pa.array([2**64 - 1, 0, 1], pa.uint64()), "double": pa.array([0.5, 1.0, 1e300]), "bool": pa.array([True, False, None])}.items():
    write(f"id-{name}", pa.table({"text": ["a", "b", "c"], "id": values}))
write("refused", pa.table({"text": [["a"]], "id": pa.array([0], pa.date32()), "body": ["b"]}))
