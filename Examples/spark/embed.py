"""Embeds a column of Parquet on a Spark cluster: spark-submit embed.py INPUT OUTPUT [--column text] [--model NAME] [--threads 1]

INPUT and OUTPUT are addresses that Spark reads, such as s3a://bucket/texts. Every machine has the package martlet."""
import argparse

from pyspark.sql import SparkSession

from martlet.integrations.spark import embed

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("input")
parser.add_argument("output")
parser.add_argument("--column", default="text")
parser.add_argument("--model", help="a folder that every machine has, or a name in its cache; the built-in model by default")
parser.add_argument("--threads", type=int, default=1, help="of each task: spark.task.cpus")
arguments = parser.parse_args()

session = SparkSession.builder.appName("martlet").getOrCreate()
frame = session.read.parquet(arguments.input)
embed(frame, arguments.column, model=arguments.model, threads=arguments.threads).write.parquet(arguments.output)
