"""Compares `martlet tokenize` with the `tokenizers` library, line by line. usage:
    tokenizer-corpus-check.py CORPUS.txt TOKENIZER.json MARTLET [ARGUMENT ...]      (needs: pip install tokenizers)

CORPUS.txt is real text, one text per line; MARTLET with its arguments is run as `MARTLET tokenize ARGUMENT ... -f FILE --format jsonl`.
On Debian, real lines come from the package descriptions:
    apt-get update -o Acquire::Languages=en
    /usr/lib/apt/apt-helper cat-file /var/lib/apt/lists/*i18n_Translation-en* | sed 's/^ //' | sort -u > corpus.txt
"""
import json, os, subprocess, sys, tempfile

os.environ['TOKENIZERS_PARALLELISM'] = 'false'
from tokenizers import Tokenizer

corpus, tokenizer, martlet, arguments = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
reference = Tokenizer.from_file(tokenizer)
reference.no_truncation()
reference.no_padding()
with open(corpus, encoding='utf-8', errors='replace', newline='\n') as f:
    lines = [line.rstrip('\r\n') for line in f]
lines = [line for line in lines if line]

with tempfile.NamedTemporaryFile('w', suffix='.txt', encoding='utf-8', newline='\n') as f:
    f.write(''.join(line + '\n' for line in lines))
    f.flush()
    output = subprocess.run([martlet, 'tokenize', *arguments, '-f', f.name, '--format', 'jsonl'], stdout=subprocess.PIPE, check=True).stdout
answers = [json.loads(line) for line in output.decode().split('\n') if line]
if len(answers) != len(lines):
    sys.exit(f'{len(lines)} lines in, {len(answers)} out')
mismatches = 0
for start in range(0, len(lines), 1000):
    for line, answer, expected in zip(lines[start:], answers[start:], reference.encode_batch(lines[start:start + 1000])):
        if answer['ids'] != expected.ids or answer.get('tokens', expected.tokens) != expected.tokens:
            mismatches += 1
            if mismatches <= 10:
                print(ascii(line), 'expected', expected.ids[:20], 'found', answer['ids'][:20])
print(f'{mismatches} mismatches in {len(lines)} lines')
sys.exit(1 if mismatches else 0)
