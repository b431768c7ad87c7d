"""Embeds a column of Parquet on a Ray cluster: python embed.py INPUT OUTPUT [--column text] [--model NAME] [--workers 8] [--threads 1]

INPUT and OUTPUT are folders or addresses that Ray Data reads, such as s3://bucket/texts."""
import argparse

import ray

from martlet.integrations.ray import EmbedBatch

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("input")
parser.add_argument("output")
parser.add_argument("--column", default="text")
parser.add_argument("--model", help="a folder that every machine has, or a name in its cache; the built-in model by default")
parser.add_argument("--workers", type=int, default=8, help="the most actors; one is started at first, others as work waits")
parser.add_argument("--threads", type=int, default=1, help="of each actor")
arguments = parser.parse_args()

ray.data.read_parquet(arguments.input).map_batches(
    EmbedBatch,
    batch_format="pyarrow",
    batch_size=1024,
    concurrency=(1, arguments.workers),
    num_cpus=arguments.threads,
    fn_constructor_kwargs={"model": arguments.model, "column": arguments.column, "threads": arguments.threads},
).write_parquet(arguments.output)
