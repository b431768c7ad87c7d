"""llama.cpp through llama-cpp-python, on a GGUF file that `martlet convert` wrote."""
import numpy as np
from llama_cpp import LLAMA_POOLING_TYPE_MEAN, Llama

from .options import in_length_order

PACKAGE = 'llama_cpp_python'
# Attention runs over a whole batch under a mask, so long batches cost more than they save: measured best are about 100 tokens, and one
# text where it is longer.
BATCH_CHARACTERS = 400


def load(options):
    settings = {'n_ctx': options.max_tokens}
    if not options.defaults:
        settings.update(n_batch=options.max_tokens, n_ubatch=options.max_tokens, n_threads=options.threads, n_threads_batch=options.threads)
    path = options.exports / f'{options.precision}.gguf'
    model = Llama(str(path), embedding=True, pooling_type=LLAMA_POOLING_TYPE_MEAN, verbose=False, **settings)
    whole, limit = model.tokenize, options.max_tokens

    def tokenize(text, *arguments, **named):
        # embed() cuts at the size of a batch, and the closing token with it.
        ids = whole(text, *arguments, **named)
        return ids if len(ids) <= limit else ids[:limit - 1] + ids[-1:]

    model.tokenize = tokenize
    if options.defaults:
        return lambda texts: np.array(model.embed(texts, normalize=True), dtype=np.float32)
    return in_length_order(lambda texts: model.embed(texts, normalize=True), BATCH_CHARACTERS)
