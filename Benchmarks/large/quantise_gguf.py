"""Quantises a GGUF file by llama.cpp's own code, to a form that `martlet convert` does not write.
usage: quantise_gguf.py F16.gguf OUT.gguf q4_k
"""
import sys

import llama_cpp

# Q4_K_M, what people download: some matrices have Q6_K.
KINDS = {'q4_k': llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_K_M}


def quantise(source, target, form):
    settings = llama_cpp.llama_model_quantize_default_params()
    settings.ftype = KINDS[form]
    if failure := llama_cpp.llama_model_quantize(source.encode(), target.encode(), settings):
        sys.exit(f'llama.cpp cannot quantise {source}: error {failure}')


if __name__ == '__main__':
    quantise(*sys.argv[1:])
