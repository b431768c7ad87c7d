"""Two workers of one thread beside one process of two threads: python cluster_throughput.py [TEXTS [ROUNDS]]

Texts are embedded in one process, by Ray Data and by Spark, in turn. Seconds are those from the start of the first batch to the end of the last, and
CPU seconds those of the threads that embed; the medians are printed, and those of the ratios to the run of one process in the same round."""
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet

import martlet

sys.path.insert(0, str(Path(__file__).parent))
os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])])
# Ray starts its workers with a niceness of 15, which is not what is compared here.
os.environ["RAY_worker_niceness"] = "0"
COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 40_000
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
BATCH = 1000
TEXTS = [f"text {n}: " + "how do I cook pasta and what goes with it " * (1 + n % 6) for n in range(COUNT)]


def one_process(embedder):
    start, used = time.time(), time.process_time()
    for first in range(0, COUNT, BATCH):
        embedder.embed(TEXTS[first : first + BATCH])
    return time.time() - start, time.process_time() - used


def spans(table):
    """Seconds from the first start to the last end, and CPU seconds, of the batches of Timed."""
    batches = set(zip(table["start"].to_pylist(), table["end"].to_pylist(), table["used"].to_pylist()))
    return max(end for _, end, _ in batches) - min(start for start, _, _ in batches), sum(used for _, _, used in batches)


def by_ray(folder):
    import ray
    from cluster_workers import Timed

    data = ray.data.read_parquet(folder).repartition(8).map_batches(
        Timed, batch_format="pyarrow", batch_size=BATCH, compute=ray.data.ActorPoolStrategy(size=2), num_cpus=1)
    return spans(pa.concat_tables(ray.get(data.select_columns(["start", "end", "used"]).to_arrow_refs())))


def by_spark(session, folder):
    def work(batches):
        from martlet.integrations._arrow import model_of_process, with_vectors

        embedder = model_of_process(None, (("threads", 1),))
        for batch in batches:
            start, used = time.time(), time.process_time()
            with_vectors(batch, embedder, "text", "embedding", {}, fixed=False)
            row = {"start": [start], "end": [time.time()], "used": [time.process_time() - used]}
            yield pa.RecordBatch.from_pydict(row)

    rows = session.read.parquet(folder).mapInArrow(work, "start double, end double, used double").toPandas()
    return spans(pa.Table.from_pandas(rows))


def main():
    from pyspark.sql import SparkSession
    import ray

    ray.init(num_cpus=4, include_dashboard=False, logging_level="ERROR", runtime_env={"env_vars": {"PYTHONPATH": os.environ["PYTHONPATH"]}})
    ray.data.DataContext.get_current().enable_progress_bars = False
    os.environ.update(PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1")
    session = (
        SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", BATCH).getOrCreate())
    session.sparkContext.setLogLevel("OFF")
    embedder = martlet.Embedder(threads=2)
    found = {"one process of two threads": [], "Ray Data, two workers": [], "Spark, two workers": []}
    with tempfile.TemporaryDirectory() as folder:
        for n in range(8):
            part = TEXTS[n * COUNT // 8 : (n + 1) * COUNT // 8]
            parquet.write_table(pa.table({"text": part}), f"{folder}/{n}.parquet", row_group_size=BATCH)
        by_spark(session, folder)
        for _ in range(ROUNDS):
            for runs, work in zip(found.values(), (lambda: one_process(embedder), lambda: by_ray(folder), lambda: by_spark(session, folder))):
                runs.append(work())
    alone = found["one process of two threads"]
    for name, runs in found.items():
        seconds, used = (statistics.median(column) for column in zip(*runs))
        ratios = [statistics.median(base[side] / run[side] for base, run in zip(alone, runs)) for side in (0, 1)]
        print(json.dumps({
            "what": name, "texts": COUNT, "rounds": ROUNDS, "seconds": round(seconds, 3), "cpu_seconds": round(used, 3),
            "of_one_process": round(ratios[0], 3), "of_one_process_by_cpu": round(ratios[1], 3)}))
    session.stop()
    ray.shutdown()


if __name__ == "__main__":
    main()
