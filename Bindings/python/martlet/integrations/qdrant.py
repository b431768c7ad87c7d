"""qdrant-client computes vectors with Martlet: `from martlet.integrations.qdrant import QdrantClient` in place of qdrant_client's.

From this import on every client of the process does: `Document(text, model)` in points and queries, `add` and `query` of older versions."""
from __future__ import annotations

import sys

from qdrant_client import AsyncQdrantClient, QdrantClient
from qdrant_client.models import Distance

from .. import fastembed as face

__all__ = ["AsyncQdrantClient", "QdrantClient"]

_CLASSES = ("TextEmbedding", "SparseTextEmbedding", "LateInteractionTextEmbedding")
#: Tables of older versions: names to dimensions and a distance, or to what is known.
_TABLES = {
    "SUPPORTED_EMBEDDING_MODELS": {row["model"]: (row["dim"], Distance.COSINE) for row in face.TextEmbedding.list_supported_models()},
    "SUPPORTED_SPARSE_EMBEDDING_MODELS": {row["model"]: row for row in face.SparseTextEmbedding.list_supported_models()},
    "IDF_EMBEDDING_MODELS": {row["model"] for row in face.SparseTextEmbedding.list_supported_models() if row.get("requires_idf")},
}
for _module in [module for name, module in sys.modules.items() if name.partition(".")[0] == "qdrant_client"]:
    for _name in _CLASSES:
        if hasattr(_module, _name):
            setattr(_module, _name, getattr(face, _name))
    for _name, _table in _TABLES.items():
        if hasattr(_module, _name):
            setattr(_module, _name, _table)
    if hasattr(_module, "FastEmbedMisc"):
        _module.FastEmbedMisc.IS_INSTALLED = True
