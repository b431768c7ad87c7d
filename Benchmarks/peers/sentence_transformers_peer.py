"""sentence-transformers on PyTorch: the reference. It sorts texts by length itself."""
import torch
from sentence_transformers import SentenceTransformer

PACKAGE = 'sentence-transformers'


def load(options):
    if not options.defaults:
        torch.set_num_threads(options.threads)
    kind = {'f32': torch.float32, 'bf16': torch.bfloat16}[options.precision]
    model = SentenceTransformer(str(options.model), device='cpu', model_kwargs={'dtype': kind})
    model.max_seq_length = options.max_tokens
    return lambda texts: model.encode(texts, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
