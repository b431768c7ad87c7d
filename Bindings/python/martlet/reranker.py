"""How well documents answer a query."""
from __future__ import annotations

from ctypes import byref
from typing import Any, Iterable, List, NamedTuple, Optional, Tuple

import numpy as np

from ._library import library, options, whole
from ._model import Model, threaded
from ._progress import ProgressOption
from ._texts import listed, text_block
from .errors import InputTypeError


class Ranked(NamedTuple):
    """A document's place among those of the call, and its score."""

    index: int  # type: ignore[assignment]
    score: float


class Reranker(Model):
    """Scores a query and a document together: a cross-encoder. A model of vectors scores by their similarity."""

    def scores(
        self, query: str, documents: Any, *, activation: Optional[str] = None, truncation: Optional[str] = None,
        instruction: Optional[str] = None, progress: ProgressOption = None,
    ) -> np.ndarray:
        """A score for each document, in their order; higher is better. `activation` is "sigmoid" or "raw", or what the model says."""
        question, block = text_block([query], "query"), text_block(documents, "document")
        given = options(activation=activation, truncation=truncation, instruction=instruction)
        out = np.empty(block.count, np.float32)
        return self._fill(
            library.martlet_rerank, out, block, byref(question), byref(block), given, progress=progress, warns=truncation is None)

    def rerank(self, query: str, documents: Any, *, top_n: Optional[int] = None, **given: Any) -> List[Ranked]:
        """The documents, best first."""
        best = None if top_n is None else whole(top_n, "top_n", 0)
        scores = self.scores(query, documents, **given)
        order = np.argsort(-scores, kind="stable")[:best]
        return [Ranked(int(index), float(scores[index])) for index in order]

    def predict(
        self, pairs: Iterable[Tuple[str, str]], *, activation: Optional[str] = None, truncation: Optional[str] = None,
        progress: ProgressOption = None,
    ) -> np.ndarray:
        """The scores of all labels for each pair of texts, of shape (pairs, labels)."""
        pairs = listed(pairs, "pair", "pairs of str")
        for index, pair in enumerate(pairs):
            if isinstance(pair, (str, bytes, dict, set)) or not hasattr(pair, "__len__") or len(pair) != 2:
                raise InputTypeError(f"pair {index} is {pair!r:.60}; expected two texts", "invalid_input", index)
        first, second = (text_block([pair[side] for pair in pairs]) for side in (0, 1))
        given = options(activation=activation, truncation=truncation)
        out = np.empty((second.count, max(1, len(self.info["labels"]))), np.float32)
        return self._fill(
            library.martlet_predict, out, second, byref(first), byref(second), given, progress=progress, warns=truncation is None)

    ascores, arerank, apredict = threaded(scores), threaded(rerank), threaded(predict)
