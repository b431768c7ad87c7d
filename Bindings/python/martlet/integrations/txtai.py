"""txtai: `Embeddings(**configuration())` computes its vectors with Martlet."""
from __future__ import annotations

from typing import Any, Dict, List, Optional

import numpy as np

from ..embedder import Embedder


def configuration(model: Optional[str] = None, **options: Any) -> Dict[str, Any]:
    """Settings of `txtai.Embeddings`; add your own, such as `content=True`. Arguments are those of `martlet.Embedder`."""
    embedder = Embedder(model, **options)

    # txtai takes a plain function only: it calls any other object to get one.
    def transform(texts: List[str]) -> np.ndarray:
        return embedder.embed(list(texts))

    return {"method": "external", "transform": transform}
