"""Ray Data, Spark and Dask on local clusters of two workers. Bindings/python/tests/clusters makes an environment and runs it.

The bits are those of one process; a worker that is killed loses no row and repeats none. Object storage is a server of moto."""
import logging
import os
import signal
import sys
import tempfile
import unittest
from importlib.util import find_spec
from pathlib import Path
from urllib.request import Request, urlopen

import numpy as np
import pyarrow as pa
import pyarrow.fs
import pyarrow.parquet as parquet

import martlet
from martlet.integrations._arrow import with_vectors

sys.path.insert(0, str(Path(__file__).parent))
os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])])
sys.path.insert(0, str(Path(__file__).parents[3] / "Examples" / "spark"))
# Ray starts its workers with a niceness of 15: on a machine that is busy they get next to no time.
os.environ.setdefault("RAY_worker_niceness", "0")
ROWS = 4000
#: Seconds that a test may take: a cluster that waits for ever is a failure.
LIMIT = int(os.environ.get("MARTLET_TEST_SECONDS", 240))


def needs(name):
    return unittest.skipUnless(find_spec(name), f"{name} is not installed")


def texts(count=ROWS):
    return [f"text {n} about {'pasta, rice and ' * (n % 7)}what goes with it" for n in range(count)]


def corpus(folder, files=8):
    """Parquet files of texts with ids."""
    os.makedirs(folder, exist_ok=True)
    every = texts()
    size = len(every) // files
    for n in range(files):
        part = range(n * size, (n + 1) * size)
        parquet.write_table(pa.table({"id": list(part), "text": [every[i] for i in part]}), f"{folder}/{n}.parquet")
    return folder


def vectors_of(folder, files=None):
    """The ids of Parquet files, sorted, and their vectors."""
    table = parquet.read_table(folder, filesystem=files).sort_by("id")
    column = table["embedding"].combine_chunks()
    return table["id"].to_pylist(), np.asarray(column.flatten()).reshape(len(column), -1)


class Store:
    """A server of S3's protocol on this machine, with the corpus in its bucket."""

    def __init__(self):
        from moto.server import ThreadedMotoServer

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.server.start()
        host, port = self.server.get_host_and_port()
        # What earlier servers of this process have stored is there, too.
        urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST")).close()
        self.files = pa.fs.S3FileSystem(
            endpoint_override=f"{host}:{port}", scheme="http", access_key="key", secret_key="secret", region="us-east-1",
            allow_bucket_creation=True)
        self.files.create_dir("bucket")

    def copy(self, folder, name):
        pa.fs.copy_files(folder, name, destination_filesystem=self.files)

    def stop(self):
        self.server.stop()


def kill_once(marker):
    """Ends this process as the system does when memory is short, the first time that it is called anywhere."""
    try:
        os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


class ClusterTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        cls.folder = Path(cls.place.name)
        cls.corpus = corpus(str(cls.folder / "corpus"))
        with martlet.Embedder(threads=2) as embedder:
            cls.expected = embedder.embed(texts())
            cls.fingerprint = embedder.fingerprint

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    def setUp(self):
        def stop(*_):
            raise TimeoutError(f"not finished after {LIMIT} s")

        signal.signal(signal.SIGALRM, stop)
        signal.alarm(LIMIT)
        self.addCleanup(signal.alarm, 0)

    def check(self, output, files=None):
        ids, vectors = vectors_of(output, files)
        self.assertEqual(ids, list(range(ROWS)))
        self.assertTrue(np.array_equal(vectors, self.expected), "other bits than in one process")


@needs("ray")
class RayTests(ClusterTests):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        import ray

        # Two for the actors, two for the tasks that read and write.
        ray.init(num_cpus=4, include_dashboard=False, logging_level="ERROR", runtime_env={"env_vars": {"PYTHONPATH": os.environ["PYTHONPATH"]}})
        ray.data.DataContext.get_current().enable_progress_bars = False

    @classmethod
    def tearDownClass(cls):
        import ray

        ray.shutdown()
        super().tearDownClass()

    def run_ray(self, output, worker, smallest=2, source=None, files=None, **options):
        import ray

        pool = ray.data.ActorPoolStrategy(min_size=smallest, max_size=2)
        # Small files are read as one block otherwise, and a block goes to one actor.
        data = ray.data.read_parquet(source or self.corpus, filesystem=files, override_num_blocks=8)
        data = data.map_batches(worker, batch_format="pyarrow", batch_size=250, compute=pool, num_cpus=1, fn_constructor_kwargs=options)
        data.write_parquet(output, filesystem=files)

    def test_a_pool_that_grows_gives_the_bits_of_one_process(self):
        from cluster_workers import Marked

        output, seen = str(self.folder / "ray"), self.folder / "seen"
        seen.mkdir()
        self.run_ray(output, Marked, smallest=1, seen=str(seen))
        self.check(output)
        self.assertIn(len(list(seen.iterdir())), (1, 2))
        field = parquet.read_schema(next(Path(output).glob("*.parquet"))).field("embedding")
        self.assertEqual(field.metadata[b"martlet.fingerprint"].decode(), self.fingerprint)

    def test_a_killed_worker_loses_nothing(self):
        from cluster_workers import Killed

        output, marker = str(self.folder / "ray-killed"), self.folder / "ray-marker"
        self.run_ray(output, Killed, marker=str(marker))
        self.assertTrue(marker.exists())
        self.check(output)


    @needs("moto")
    def test_objects_of_s3_in_and_out(self):
        from martlet.integrations.ray import EmbedBatch

        store = Store()
        self.addCleanup(store.stop)
        store.copy(self.corpus, "bucket/texts")
        self.run_ray("bucket/vectors", EmbedBatch, source="bucket/texts", files=store.files)
        self.check("bucket/vectors", store.files)


@needs("pyspark")
class SparkTests(ClusterTests):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        from pyspark.sql import SparkSession

        os.environ.update(PYSPARK_PYTHON=sys.executable, PYSPARK_DRIVER_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1")
        # Two executors, each a process with one core.
        cls.spark = (
            SparkSession.builder.master("local-cluster[2,1,1024]").appName("martlet").config("spark.ui.enabled", "false")
            .config("spark.executorEnv.PYTHONPATH", os.environ["PYTHONPATH"]).config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.executorEnv.MARTLET_LIBRARY", os.environ.get("MARTLET_LIBRARY", "")).getOrCreate())
        cls.spark.sparkContext.setLogLevel("OFF")

    @classmethod
    def tearDownClass(cls):
        cls.spark.stop()
        super().tearDownClass()

    def read(self):
        return self.spark.read.parquet(self.corpus).repartition(8)

    def test_two_executors_give_the_bits_of_one_process(self):
        from martlet.integrations.spark import embed

        output = str(self.folder / "spark")
        embed(self.read(), "text").write.parquet(output)
        self.check(output)

    def test_map_in_pandas(self):
        from martlet.integrations.spark import in_pandas

        output = str(self.folder / "spark-pandas")
        self.read().mapInPandas(in_pandas("text"), "id long, text string, embedding array<float>").write.parquet(output)
        self.check(output)

    def test_a_pandas_udf_with_an_iterator(self):
        from martlet.integrations.spark import udf

        output = str(self.folder / "spark-udf")
        self.read().withColumn("embedding", udf()("text")).write.parquet(output)
        self.check(output)

    @needs("moto")
    def test_objects_of_s3_in_and_out(self):
        from embed_objects import embed_objects

        store = Store()
        self.addCleanup(store.stop)
        store.copy(self.corpus, "bucket/texts")
        self.assertEqual(embed_objects(self.spark, store.files, "bucket/texts", "bucket/vectors"), ROWS)
        self.check("bucket/vectors", store.files)

    def test_a_killed_worker_loses_nothing(self):
        from martlet.integrations.spark import embed

        output, marker = str(self.folder / "spark-killed"), str(self.folder / "spark-marker")

        def pass_on(batches):
            for number, batch in enumerate(batches):
                yield batch
                kill_once(marker)

        embed(self.read().mapInArrow(pass_on, "id long, text string"), "text").write.parquet(output)
        self.assertTrue(os.path.exists(marker))
        self.check(output)

    def test_a_killed_executor_loses_nothing(self):
        from martlet.integrations.spark import embed

        output, marker = str(self.folder / "spark-executor"), str(self.folder / "executor-marker")

        def pass_on(batches):
            for batch in batches:
                yield batch
                try:
                    os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
                except FileExistsError:
                    continue
                # The worker's parent is Spark's daemon of workers, whose parent is the executor.
                with open(f"/proc/{os.getppid()}/stat") as file:
                    os.kill(int(file.read().rpartition(")")[2].split()[1]), signal.SIGKILL)

        embed(self.read().mapInArrow(pass_on, "id long, text string"), "text").write.parquet(output)
        self.assertTrue(os.path.exists(marker))
        self.check(output)


@needs("distributed")
class DaskTests(ClusterTests):
    def test_two_workers_give_the_bits_of_one_process(self):
        import dask.dataframe as frames
        from distributed import Client, LocalCluster

        from cluster_workers import embed_partition

        output = str(self.folder / "dask")
        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster):
            frame = frames.read_parquet(self.corpus)
            meta = frame._meta.assign(embedding=np.array([], object))
            schema = pa.schema([("id", pa.int64()), ("text", pa.string()), ("embedding", pa.list_(pa.float32()))])
            frame.map_partitions(embed_partition, meta=meta).to_parquet(output, schema=schema, write_index=False)
        self.check(output)


if __name__ == "__main__":
    unittest.main()
