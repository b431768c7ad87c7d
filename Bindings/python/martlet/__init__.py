"""Text embeddings, reranking and search on the machine you have.

>>> import martlet
>>> martlet.Embedder().embed(["How do I cook pasta?"]).shape
(1, 384)
"""
from ._library import known_models, library as _c
from .embedder import Chunk, Embedder, SparseVector, similarity
from .errors import (
    BusyError, FileError, InputError, InputTypeError, MartletError, ModelError, NotFoundError, TruncationWarning,
)
from .reranker import Ranked, Reranker
from .collection import Collection, Hit

__version__: str = _c.martlet_version().decode()
__all__ = [
    "BusyError", "Chunk", "Collection", "Embedder", "FileError", "Hit", "InputError", "InputTypeError", "MartletError", "ModelError",
    "NotFoundError", "Ranked", "Reranker", "SparseVector", "TruncationWarning", "chunk", "known_models", "similarity",
]


def chunk(text: str, **options):
    """`Embedder.chunk` of the built-in model."""
    with Embedder() as embedder:
        return embedder.chunk(text, **options)
