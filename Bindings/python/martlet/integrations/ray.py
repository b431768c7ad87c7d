"""Ray Data: `dataset.map_batches(EmbedBatch, batch_format="pyarrow", concurrency=(1, 8), num_cpus=1)`. One model for each actor."""
from __future__ import annotations

from typing import Any, Optional

import pyarrow

from ..embedder import Embedder
from ._arrow import with_vectors


class EmbedBatch:
    """Adds a column of vectors to batches of pyarrow; its field says which model made them. `options` are those of `Embedder`, `call` those of its `embed`.

    `threads` is 1 by default: as many as the `num_cpus` of the actor."""

    def __init__(
        self, model: Optional[str] = None, *, column: str = "text", output: str = "embedding", threads: int = 1, call: Any = None,
        **options: Any,
    ):
        self.embedder = Embedder(model, threads=threads, **options)
        self.column, self.output, self.call = column, output, call or {}
        self.metadata = {"martlet.fingerprint": self.embedder.fingerprint}

    def __call__(self, batch: pyarrow.Table) -> pyarrow.Table:
        return with_vectors(batch, self.embedder, self.column, self.output, self.call, self.metadata)
