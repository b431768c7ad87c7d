"""Files of torch.save for Tests/MartletWeightsTests/Goldens. usage: torch-goldens.py OUT_DIR [FIXTURES_DIR]

state.pt   a state_dict with tensors of several types, two of them in one storage
kinds.pt   the same sixteen numbers in every form that is read, and tensors of the kinds that are refused, named by a word of the message
inner.pt   a dictionary whose member holds the tensors
code.pt    a file whose pickle calls a function: reading it must not

With FIXTURES_DIR also models/bert-narrow/pytorch_model.bin: the weights of model.safetensors beside it.
"""
import pickle
import sys
import zipfile

import torch
from safetensors.torch import load_file


class Call:
    def __reduce__(self):
        return print, ('this file runs code',)


out = sys.argv[1]
base = torch.arange(40, dtype=torch.float32) / 8 - 2
module = torch.nn.Module()
for name, tensor in {'weight': base[:12].reshape(3, 4), 'rest': base[12:20], 'small': base[:6].reshape(2, 3).half(),
                     'brain': base[:5].bfloat16(), 'count': torch.tensor(7)}.items():
    module.register_buffer(name, tensor)
torch.save(module.state_dict(), f'{out}/state.pt')


class Own(torch.Tensor):
    """A class of its own, as quantisers make."""


def noted(tensor):
    tensor.note = 'mine'
    return tensor


x = base[8:24].reshape(4, 4)
flat = torch.cat([x.flatten(), x.flatten()])
read = {
    'float64': x.double(), 'float16': x.half(), 'bfloat16': x.bfloat16(), 'float8_e4m3fn': x.to(torch.float8_e4m3fn),
    'float8_e5m2': x.to(torch.float8_e5m2), 'transposed': x.t().contiguous().t(), 'transposed float16': x.half().t().contiguous().t(),
    'every second': torch.stack([x, x + 1], -1)[..., 0], 'columns': torch.cat([x + 1, x, x + 1], 1)[:, 4:8], 'rows': torch.cat([x + 1, x])[4:],
    'turned': x.reshape(2, 2, 4).permute(2, 0, 1).contiguous().permute(1, 2, 0), 'one row': torch.cat([flat, flat]).reshape(1, 64)[:, :16],
    'shared 1': flat[:16].view(4, 4), 'shared 2': flat[16:].view(4, 4), 'parameter': torch.nn.Parameter(x.clone()),
    'parameter with attributes': noted(torch.nn.Parameter(x.clone())), 'tensor with attributes': noted(x.clone()),
}
refused = {
    **{kind: torch.zeros(2, dtype=getattr(torch, kind)) for kind in [
        'complex64', 'complex128', 'complex32', 'bool', 'uint8', 'int8', 'int16', 'int32', 'int64', 'uint16', 'uint32', 'uint64',
        'float8_e4m3fnuz', 'float8_e5m2fnuz', 'float8_e8m0fnu']},
    'float4_e2m1fn_x2': torch.zeros(2, dtype=torch.uint8).view(torch.float4_e2m1fn_x2),
    'qint8': torch.quantize_per_tensor(x, 0.125, 0, torch.qint8), 'qint32': torch.quantize_per_tensor(x, 0.125, 0, torch.qint32),
    'quint8': torch.quantize_per_channel(x, torch.ones(4), torch.zeros(4), 0, torch.quint8),
    'sparse_coo': x.to_sparse(), 'sparse_csr': x.to_sparse_csr(), 'sparse_bsr': x.to_sparse_bsr((2, 2)), 'nested': torch.nested.nested_tensor([x, x]),
    'meta': x.to('meta'), 'the class __main__.Own': x.clone().as_subclass(Own), 'changed signs': torch._neg_view(x.clone()),
    'repeats elements': base[:1].clone().expand(4),
}
torch.save({**read, 'a number': 1.5, 'steps': 1 << 40, 'text': 'x', **refused}, f'{out}/kinds.pt')
torch.save({'epoch': 3, 'model': {'weight': base[:4].clone()}}, f'{out}/inner.pt')
with zipfile.ZipFile(f'{out}/code.pt', 'w') as z:
    z.writestr(zipfile.ZipInfo('code/data.pkl'), pickle.dumps({'weight': Call()}, protocol=2))
if sys.argv[2:]:
    folder = f'{sys.argv[2]}/models/bert-narrow'
    torch.save(load_file(f'{folder}/model.safetensors'), f'{folder}/pytorch_model.bin')
