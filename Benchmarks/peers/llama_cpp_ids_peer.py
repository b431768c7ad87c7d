"""llama.cpp through llama-cpp-python, which is compiled for this CPU, on a GGUF file. It gets the tokens of the model's tokenizer.json."""
import llama_cpp

from .options import in_length_order

PACKAGE = 'llama_cpp_python'
# A causal model refuses a text that fills its context.
ROOM = 256
# Attention runs over a whole batch under a mask. On an Intel CPU with AMX 100 to 2,000 characters were within 10 % for 0.1 billion parameters,
# and 2,000 were best for 0.6 (2026-11-30).
BATCH_CHARACTERS = 2000


def load(options):
    limit = max(512, options.max_tokens)
    model = llama_cpp.Llama(
        str(options.exports / f'{options.precision}.gguf'), embedding=True, verbose=False,
        pooling_type=getattr(llama_cpp, f'LLAMA_POOLING_TYPE_{options.pooling().upper()}'),
        n_ctx=limit + ROOM, n_batch=limit, n_ubatch=limit, n_threads=options.threads, n_threads_batch=options.threads)
    tokenizer = options.tokenizer()
    model.tokenize = lambda text, *arguments, **named: tokenizer.encode(text.decode()).ids
    return in_length_order(lambda texts: model.embed(texts, normalize=True), BATCH_CHARACTERS)
