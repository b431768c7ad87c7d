"""pandas: `frame["text"].martlet.embed()`, after `import martlet.integrations.pandas`."""
from __future__ import annotations

from functools import lru_cache
from typing import Any, Optional

import pandas

from ..embedder import Embedder


@lru_cache(maxsize=1)
def _built_in() -> Embedder:
    return Embedder()


@pandas.api.extensions.register_series_accessor("martlet")
class MartletAccessor:
    """Vectors of a Series of texts. Without an `embedder` the built-in model computes."""

    def __init__(self, texts: pandas.Series):
        self._texts = texts

    def embed(self, embedder: Optional[Embedder] = None, **options: Any) -> pandas.Series:
        """A vector for each text, float32, with the index of the texts. Options are those of `Embedder.embed`."""
        vectors = (embedder or _built_in()).embed(self._texts, **options)
        return pandas.Series(list(vectors), index=self._texts.index, name="embedding")

    def similarity(self, query: str, embedder: Optional[Embedder] = None) -> pandas.Series:
        """How similar each text is to a query; `nlargest(10)` of it are the best answers."""
        model = embedder or _built_in()
        scores = model.similarity(model.query(query), model.document(self._texts))[0]
        return pandas.Series(scores, index=self._texts.index, name="similarity")
