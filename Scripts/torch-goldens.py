"""Files of torch.save for Tests/MartletWeightsTests/Goldens. usage: torch-goldens.py OUT_DIR [FIXTURES_DIR]

state.pt   a state_dict with tensors of several types, two of them in one storage
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
with zipfile.ZipFile(f'{out}/code.pt', 'w') as z:
    z.writestr(zipfile.ZipInfo('code/data.pkl'), pickle.dumps({'weight': Call()}, protocol=2))
if sys.argv[2:]:
    folder = f'{sys.argv[2]}/models/bert-narrow'
    torch.save(load_file(f'{folder}/model.safetensors'), f'{folder}/pytorch_model.bin')
