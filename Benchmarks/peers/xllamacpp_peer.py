"""llama.cpp's server inside this process, as Ollama runs it, on a GGUF file that `martlet convert` wrote. The package is one wheel, made for AVX2."""
import os

import numpy as np
import xllamacpp as llama

PACKAGE = 'xllamacpp'
TEXTS_OF_A_REQUEST = 32


def load(options):
    params = llama.CommonParams()
    params.model.path = os.fspath(options.exports / f'{options.precision}.gguf')
    params.embedding, params.pooling_type = True, llama.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    params.n_parallel, params.n_batch, params.n_ubatch = 8, 2048, 2048
    params.n_ctx = params.n_parallel * 512
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = options.threads
    params.verbosity = -1
    server = llama.Server(params)
    tokenizer = options.tokenizer()

    def embed(texts):
        rows = []
        for start in range(0, len(texts), TEXTS_OF_A_REQUEST):
            ids = [encoding.ids for encoding in tokenizer.encode_batch(texts[start:start + TEXTS_OF_A_REQUEST])]
            answer = server.handle_embeddings({'input': ids, 'model': 'minilm'})
            rows += [row['embedding'] for row in sorted(answer['data'], key=lambda row: row['index'])]
        return np.array(rows, dtype=np.float32)

    return embed
