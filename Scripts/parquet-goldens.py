#!/usr/bin/env python3
"""Writes the Parquet files of Tests/MartletDataTests/Goldens with pyarrow: parquet-goldens.py FOLDER

Each file has the rows of `rows.jsonl`: {"id": …, "text": …}, with null where a value is missing.
"""
import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

folder = Path(sys.argv[1])
words = ["pasta", "a longer text, with a comma", "", "zwei\nZeilen", "日本語 🇩🇪", "pasta"]
texts = [words[i % 6] if i % 11 else None for i in range(300)]
ids = [i * 7 - 3 if i % 13 else None for i in range(300)]
(folder / "rows.jsonl").write_text("".join(json.dumps({"id": i, "text": t}, ensure_ascii=False) + "\n" for i, t in zip(ids, texts)))
table = pa.table({"n": pa.array(range(300), pa.int32()), "text": pa.array(texts), "id": pa.array(ids, pa.int64())})


def write(name, table=table, **options):
    pq.write_table(table, folder / f"{name}.parquet", row_group_size=128, **options)


write("plain", compression="none", use_dictionary=False)
write("dictionary", compression="none")
write("snappy", compression="snappy")
write("gzip", compression="gzip")
write("zstd", compression="zstd")
write("pages-v2", compression="snappy", data_page_version="2.0", use_dictionary=["text"])
write("small-pages", compression="none", data_page_size=64, write_batch_size=10)
write("large-strings", pa.table({"text": pa.array(texts, pa.large_string()), "id": pa.array(ids, pa.int32())}), compression="snappy")
required = pa.schema([pa.field("text", pa.string(), nullable=False), pa.field("id", pa.string(), nullable=False)])
write("required", pa.table({"text": [t or "-" for t in texts], "id": [str(i) for i in ids]}, schema=required), compression="snappy")
nested = pa.array([{"title": "t", "body": t} if i % 5 else None for i, t in enumerate(texts)])
write("nested", pa.table({"doc": nested, "id": pa.array(range(300), pa.uint64())}), compression="snappy")
write("refused", pa.table({"text": [["a"]], "id": [1]}), compression="none")
write("delta", pa.table({"text": ["a", "b"]}), compression="none", use_dictionary=False, column_encoding={"text": "DELTA_BYTE_ARRAY"})
