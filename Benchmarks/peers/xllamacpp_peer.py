"""llama.cpp's server inside this process, as Ollama runs it, on a GGUF file that `martlet convert` wrote. The package is one wheel, made for AVX2."""
import os

import numpy as np
import xllamacpp as llama

PACKAGE = 'xllamacpp'
TEXTS_OF_A_REQUEST = 32
ROOM = 256


def load(options):
    params = llama.CommonParams()
    params.model.path = os.fspath(options.exports / f'{options.precision}.gguf')
    params.embedding = True
    params.pooling_type = getattr(llama.llama_pooling_type, f'LLAMA_POOLING_TYPE_{options.pooling().upper()}')
    # Texts of up to 512 tokens eight at a time; longer ones fewer, for a text has to be in one batch.
    length = max(512, options.max_tokens)
    params.n_parallel = max(1, min(8, 4096 // length))
    params.n_batch = params.n_ubatch = max(2048, length)
    # A causal model refuses a text that fills its context.
    params.n_ctx = params.n_parallel * (length + ROOM)
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = options.threads
    params.verbosity = -1
    server = llama.Server(params)
    tokenizer = options.tokenizer()

    def embed(texts):
        rows = []
        for start in range(0, len(texts), TEXTS_OF_A_REQUEST):
            ids = [encoding.ids for encoding in tokenizer.encode_batch(texts[start:start + TEXTS_OF_A_REQUEST])]
            answer = server.handle_embeddings({'input': ids, 'model': 'minilm'})
            if 'data' not in answer:
                raise RuntimeError(f'llama.cpp: {answer}')
            rows += [row['embedding'] for row in sorted(answer['data'], key=lambda row: row['index'])]
        return np.array(rows, dtype=np.float32)

    return embed
