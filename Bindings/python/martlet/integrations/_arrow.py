"""Vectors as a column of Arrow."""
from __future__ import annotations

from functools import lru_cache
from typing import Any, Dict, Optional, Tuple

import numpy as np
import pyarrow

from ..embedder import Embedder


@lru_cache(maxsize=1)
def model_of_process(model: Optional[str], options: Tuple[Tuple[str, Any], ...]) -> Embedder:
    """The model of a worker process, which serves one task after the other."""
    return Embedder(model, **dict(options))


def with_vectors(
    table: Any, embedder: Embedder, column: str, output: str, call: Dict[str, Any], metadata: Optional[Dict[str, str]] = None,
    fixed: bool = True,
) -> Any:
    """A table, or a batch of records, with one column more: float32 in lists, which have a fixed size where the reader knows such lists."""
    vectors = embedder.embed(table.column(column), **call)
    values = pyarrow.array(vectors.reshape(-1))
    if fixed:
        added = pyarrow.FixedSizeListArray.from_arrays(values, vectors.shape[1])
    else:
        offsets = np.arange(len(vectors) + 1, dtype=np.int32) * vectors.shape[1]
        added = pyarrow.ListArray.from_arrays(pyarrow.array(offsets), values)
    field = pyarrow.field(output, added.type, metadata=metadata)
    return type(table).from_arrays([*table.columns, added], schema=table.schema.append(field))
