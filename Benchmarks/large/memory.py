"""Peak memory of the command on a model of 1.5 billion parameters in int4: at the first start, which packs the weights, and at the second."""
import shutil
import tempfile
from pathlib import Path

from harness import process
from harness.prepare import say

MODEL = 'qwen2-1.5b'
# Of packed weights, and of the checkpoint where it is not there.
PACKED_BYTES, CHECKPOINT_BYTES = 2 << 30, 4 << 30


def lacks_disk(forms):
    """Why the model cannot be made or measured here, or None."""
    needed = PACKED_BYTES + (0 if (forms.work / 'models' / MODEL / 'model.safetensors').exists() else CHECKPOINT_BYTES)
    if shutil.disk_usage(forms.work).free < needed:
        return f'{MODEL} and its packed weights need {needed >> 30} GiB of free disk'
    return None


def measure(forms, threads, keep):
    if why := lacks_disk(forms):
        return {'problem': why}
    folder = forms.checkpoint(MODEL)
    found = {'model': MODEL, 'parameters': int((folder / 'parameters.txt').read_text())}
    try:
        with tempfile.TemporaryDirectory(dir=forms.work) as scratch:
            command = [forms.preparation.martlet, 'embed', '-m', folder, '--precision', 'int4', '--threads', threads, '-q', '--format', 'f32',
                       '-o', Path(scratch) / 'vectors.f32', 'How do I cook pasta?']
            for start in ('first', 'second'):
                say(f'{MODEL}: {start} start in int4')
                ended = process.run(command, {'MARTLET_WEIGHT_CACHE': str(Path(scratch) / 'packed')})
                found[start] = {'peak_bytes': ended.peak_bytes, 'seconds': ended.seconds}
            found['packed_bytes'] = sum(file.stat().st_size for file in (Path(scratch) / 'packed').rglob('*') if file.is_file())
    except process.Failed as error:
        found['problem'] = str(error)
    if not keep:
        shutil.rmtree(folder)
    return found
