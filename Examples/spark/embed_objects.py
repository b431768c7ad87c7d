"""Embeds Parquet objects of S3 on a Spark cluster that has no hadoop-aws: spark-submit embed_objects.py bucket/texts bucket/vectors

Each task reads one object by pyarrow, embeds its column and writes one object of the same name. S3 shows an object when all of it is there, so
that a task which is killed and runs again leaves what one run leaves. Keys come from the environment, as pyarrow reads them."""
import argparse
import posixpath
from typing import Any

from pyarrow import RecordBatch, fs, parquet

from martlet.integrations._arrow import model_of_process, with_vectors


def embed_objects(session: Any, store: Any, source: str, target: str, column: str = "text", **options: Any) -> int:
    """Embeds all objects below `source` and returns how many rows they have. `store` is a file system of pyarrow, such as fs.S3FileSystem()."""
    infos = store.get_file_info(fs.FileSelector(source, recursive=True))
    names = [(posixpath.relpath(info.path, source),) for info in infos if info.is_file]

    def work(batches: Any) -> Any:
        embedder = model_of_process(None, tuple(sorted({"threads": 1, **options}.items())))
        for batch in batches:
            for name in batch.column("name").to_pylist():
                found = with_vectors(parquet.read_table(f"{source}/{name}", filesystem=store), embedder, column, "embedding", {})
                parquet.write_table(found, f"{target}/{name}", filesystem=store)
                yield RecordBatch.from_pydict({"rows": [found.num_rows]})

    frame = session.createDataFrame(names, "name string").repartition(len(names))
    return sum(row.rows for row in frame.mapInArrow(work, "rows long").collect())


if __name__ == "__main__":
    from pyspark.sql import SparkSession

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source")
    parser.add_argument("target")
    parser.add_argument("--column", default="text")
    arguments = parser.parse_args()
    session = SparkSession.builder.appName("martlet").getOrCreate()
    print(embed_objects(session, fs.S3FileSystem(), arguments.source, arguments.target, arguments.column), "rows")
