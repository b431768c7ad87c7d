"""Whether the engines computed the same model: the least cosine of each one's vectors with those of sentence-transformers."""
import numpy as np

REFERENCE = 'sentence-transformers-bf16'


def file(folder, name, key, tokens):
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f'{name}-{key}-{tokens}.npy'


def least_cosine(folder, name, key, tokens):
    """None where one of the two has no vectors."""
    paths = [file(folder, name, one, tokens) for one in (key, REFERENCE)]
    if not all(path.exists() for path in paths):
        return None
    own, expected = (np.load(path).astype(np.float64) for path in paths)
    count = min(len(own), len(expected))
    own, expected = (rows[:count] / np.linalg.norm(rows[:count], axis=1, keepdims=True) for rows in (own, expected))
    return float((own * expected).sum(1).min())
