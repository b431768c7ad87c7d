"""The engines and precisions that are measured, and what each reads beside the checkpoint."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    engine: str
    precision: str
    peer: str | None = None    # of Benchmarks/peers; None: the command itself
    form: str | None = None
    # Engines that allocate nothing for the length of a text, or all of it when they load, are not warmed up with a whole long text, which
    # would take them as long as the measurement.
    warms_up_whole: bool = True

    @property
    def key(self):
        return f'{self.engine}-{self.precision}'.lower()


ROWS = [
    Row('Martlet', 'bf16'),
    Row('Martlet', 'int8'),
    Row('Martlet', 'int4'),
    Row('OpenVINO', 'bf16', 'openvino_ir', 'openvino'),
    Row('OpenVINO', 'int8', 'openvino_ir', 'openvino-int8'),
    Row('llama.cpp', 'q8_0', 'llama_cpp_ids', 'q8_0', warms_up_whole=False),
    Row('llama.cpp', 'q4_k', 'llama_cpp_ids', 'q4_k', warms_up_whole=False),
    Row('llama.cpp', 'q4_0', 'llama_cpp_ids', 'q4_0', warms_up_whole=False),
    Row('sentence-transformers', 'bf16', 'sentence_transformers', warms_up_whole=False),
]
# Single queries are measured on one shape with these.
QUERY_MODEL = 'qwen3-0.6b'
QUERY_ROWS = ('martlet-int8', 'martlet-int4', 'llama.cpp-q4_0', 'llama.cpp-q4_k')


def chosen(names):
    return [row for row in ROWS if not names or row.key in names or row.engine.lower() in names]
