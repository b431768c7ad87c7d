"""Spark: `embed(frame, "text")` adds a column of vectors to a DataFrame. One model for each Python worker, no barrier."""
from __future__ import annotations

from typing import Any, Callable, Iterable, Iterator, Optional

from ._arrow import model_of_process, with_vectors


def embed(
    frame: Any, column: str = "text", *, model: Optional[str] = None, output: str = "embedding", threads: int = 1, call: Any = None,
    **options: Any,
) -> Any:
    """The frame with a column `array<float>`, computed by `mapInArrow`. `threads` is that of a task: `spark.task.cpus`."""
    from pyspark.sql.types import ArrayType, FloatType, StructField, StructType

    loading = tuple(sorted({"threads": threads, **options}.items()))

    def work(batches: Iterable[Any]) -> Iterator[Any]:
        embedder = model_of_process(model, loading)
        for batch in batches:
            yield with_vectors(batch, embedder, column, output, call or {}, fixed=False)

    schema = StructType([*frame.schema.fields, StructField(output, ArrayType(FloatType(), False), False)])
    return frame.mapInArrow(work, schema)


def in_pandas(
    column: str = "text", *, model: Optional[str] = None, output: str = "embedding", threads: int = 1, call: Any = None, **options: Any,
) -> Callable[..., Any]:
    """What `frame.mapInPandas(in_pandas("text"), schema)` runs; the schema has a column more, `embedding array<float>`."""
    loading = tuple(sorted({"threads": threads, **options}.items()))

    def work(frames: Iterable[Any]) -> Iterator[Any]:
        embedder = model_of_process(model, loading)
        for frame in frames:
            yield frame.assign(**{output: list(embedder.embed(frame[column], **(call or {})))})

    return work


def udf(model: Optional[str] = None, *, threads: int = 1, call: Any = None, **options: Any) -> Callable[..., Any]:
    """A pandas UDF with an iterator, for `frame.select(udf()("text"))`."""
    import pandas
    from pyspark.sql.functions import pandas_udf

    loading = tuple(sorted({"threads": threads, **options}.items()))

    def work(batches: Any) -> Any:
        embedder = model_of_process(model, loading)
        for texts in batches:
            yield pandas.Series(list(embedder.embed(texts, **(call or {}))))

    # Spark finds the kind of a UDF by its types, which are not read from text here.
    work.__annotations__ = {"batches": Iterator[pandas.Series], "return": Iterator[pandas.Series]}
    return pandas_udf(work, "array<float>")
