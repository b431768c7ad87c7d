"""Three workloads of real English, made at run time from the descriptions of Debian's packages, which apt keeps on every Debian machine.

short: what a package is, in a line. para: what it does, in paragraphs. doc: descriptions joined to more than 8,000 characters.
"""
import glob
import json
import random
import re
import subprocess
import sys

APT_HELPER = '/usr/lib/apt/apt-helper'
LISTS = '/var/lib/apt/lists/*i18n_Translation-en*'
SHORT, DOCUMENTS, DOCUMENT_CHARACTERS, QUERIES = 20_000, 400, 8_000, 64
QUERY_TOKENS = 12
UPDATE = 'apt-get update -o Acquire::Languages=en'


def _lists():
    found = sorted(glob.glob(LISTS))
    if not found:
        sys.exit(f'no package descriptions to measure on; as root, this fetches them: {UPDATE}')
    return found


def _descriptions():
    """(synopsis, paragraphs) of each package, long ones only."""
    seen = set()
    for path in _lists():
        text = subprocess.run([APT_HELPER, 'cat-file', path], capture_output=True, check=True).stdout.decode(errors='replace')
        for block in text.split('\n\n'):
            found = re.search(r'^Description-en: (.*)((?:\n .*)*)', block, re.M)
            if not found:
                continue
            lines = [line[1:] for line in found.group(2).splitlines()]
            body = '\n'.join('' if line.strip() == '.' else line for line in lines).strip()
            if len(body) > 60 and (found.group(1), body) not in seen:
                seen.add((found.group(1), body))
                yield found.group(1).strip(), body


def _write(path, texts):
    with open(path, 'w') as file:
        for number, text in enumerate(texts):
            file.write(json.dumps({'id': number, 'text': text}) + '\n')


def texts(folder, workload, limit=None):
    with open(folder / f'{workload}.jsonl') as file:
        return [json.loads(line)['text'] for line in file][:limit]


def build(folder, tokenizer):
    if (folder / 'complete').exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    records = list(_descriptions())
    shuffled = random.Random(7)
    shuffled.shuffle(records)
    short = [synopsis for synopsis, _ in records[:SHORT]]
    _write(folder / 'short.jsonl', short)
    _write(folder / 'para.jsonl', [body for _, body in records[:SHORT]])
    documents, number = [], 0
    while len(documents) < DOCUMENTS:
        text = ''
        while len(text) < DOCUMENT_CHARACTERS:
            text += records[number % len(records)][1] + '\n\n'
            number += 1
        documents.append(text)
    _write(folder / 'doc.jsonl', documents)
    lengths = [len(encoding.ids) for encoding in tokenizer.encode_batch(short)]
    queries = [text for text, length in zip(short, lengths) if length == QUERY_TOKENS][:QUERIES]
    (folder / 'queries.txt').write_text('\n'.join(queries) + '\n')
    lines = list(dict.fromkeys(line.strip() for synopsis, body in records for line in [synopsis, *body.splitlines()] if line.strip()))
    shuffled.shuffle(lines)
    (folder / 'lines.txt').write_text('\n'.join(lines) + '\n')
    (folder / 'complete').write_text(f'{len(records)} descriptions, {len(lines)} lines\n')
