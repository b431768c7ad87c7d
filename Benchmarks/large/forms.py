"""The checkpoints and the forms of other engines, made once; why one cannot be made is kept beside the others."""
import sys
from pathlib import Path

from harness import process
from harness.prepare import Preparation, say

from .shapes import SHAPES

HERE = Path(__file__).parent
NEEDS = {'openvino-int8': 'openvino', 'q4_k': 'f16'}
GGUF = ('q8_0', 'q4_0', 'f16')
FILES = {'openvino': 'openvino.xml', 'openvino-int8': 'openvino-int8.xml', 'q8_0': 'q8_0.gguf', 'q4_0': 'q4_0.gguf', 'q4_k': 'q4_k.gguf', 'f16': 'f16.gguf'}


class Forms:
    def __init__(self, work, martlet):
        self.work, self.preparation = work, Preparation(work, martlet)

    def checkpoint(self, name):
        folder = self.work / 'models' / name
        if not (folder / '1_Pooling/config.json').exists():
            say(f'{name}: making a checkpoint of random weights')
            process.run([sys.executable, HERE / 'shapes.py', name, self.preparation.minilm().folder, folder], timeout=1800)
        return folder

    def exports(self, name):
        folder = self.work / 'exports' / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def problem(self, name, form):
        """Makes the form where it is missing. None, or why it cannot be made."""
        if form is None or (self.exports(name) / FILES[form]).exists():
            return None
        kept = self.exports(name) / f'{form}.problem'
        if not kept.exists():
            if form in NEEDS and (why := self.problem(name, NEEDS[form])):
                return why
            say(f'{name}: making {form}')
            try:
                self._make(name, form)
                return None
            except process.Failed as error:
                kept.write_text(f'{form} cannot be made: {error}')
        return kept.read_text()

    def forget_problems(self):
        for name in SHAPES:
            for kept in self.exports(name).glob('*.problem'):
                kept.unlink()

    def _make(self, name, form):
        if form in GGUF and name == 'gemma-300m':
            command = [sys.executable, HERE / 'gemma_gguf.py', self.checkpoint(name), self.exports(name) / FILES[form], form]
        elif form == 'q4_k':
            command = [sys.executable, HERE / 'quantise_gguf.py', self.exports(name) / FILES['f16'], self.exports(name) / FILES[form], form]
        elif form in GGUF:
            command = [self.preparation.martlet, 'convert', self.checkpoint(name), '-o', self.exports(name) / FILES[form], '--type', form]
        else:
            command = [sys.executable, HERE / 'openvino_forms.py', self.checkpoint(name), self.exports(name), form]
        process.run(command, timeout=1800)
