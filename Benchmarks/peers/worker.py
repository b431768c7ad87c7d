"""One engine in a process of its own. Prints one JSON object.
usage: python -m peers.worker ENGINE --precision P --model DIR --exports DIR --texts FILE.jsonl ..."""
import argparse
import importlib
import importlib.metadata
import json
import os
import time
from pathlib import Path

# Passes over the texts after the warm-up: as many as asked for, two if the first took longer than 2 s, one if longer than 4 s.
LONG_PASSES = ((4.0, 1), (2.0, 2))


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument('engine')
    parser.add_argument('--precision', default='f32')
    parser.add_argument('--model', type=Path, required=True)
    parser.add_argument('--exports', type=Path, required=True)
    parser.add_argument('--texts', type=Path, nargs='*', default=[], help='workloads, one after the other')
    parser.add_argument('--limits', type=int, nargs='*', default=[], help='texts of each')
    parser.add_argument('--max-tokens', type=int, default=256)
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--passes', type=int, default=3)
    parser.add_argument('--warm-characters', type=int, help='the warm-up has so much of each text; default: all')
    parser.add_argument('--queries-from', type=Path)
    parser.add_argument('--queries', type=int, default=200)
    parser.add_argument('--vectors', type=Path, nargs='*', default=[], help='where the vectors of each go')
    parser.add_argument('--defaults', action='store_true')
    parser.add_argument('--hello', action='store_true', help='embed one text and end: a cold start')
    return parser.parse_args()


def throughput(embed, texts, most, warm_characters=None):
    import numpy as np
    embed([text[:warm_characters] for text in texts[:min(64, max(1, len(texts) // 8))]])
    seconds = []
    while True:
        start = time.perf_counter()
        vectors = embed(texts)
        seconds.append(time.perf_counter() - start)
        enough = min([most, *(passes for limit, passes in LONG_PASSES if seconds[0] > limit)])
        if len(seconds) >= enough:
            return seconds, np.asarray(vectors, dtype=np.float32)


def latencies(embed, queries, count):
    for call in range(max(3, count // 10)):
        embed([queries[call % len(queries)]])
    seconds = []
    for call in range(count):
        start = time.perf_counter()
        embed([queries[call % len(queries)]])
        seconds.append(time.perf_counter() - start)
    return sorted(seconds)


def main():
    asked = arguments()
    os.environ['TOKENIZERS_PARALLELISM'] = 'true'
    start = time.perf_counter()
    engine = importlib.import_module(f'peers.{asked.engine}_peer')
    from peers.options import Options
    embed = engine.load(Options(asked.model, asked.exports, asked.precision, asked.threads, asked.max_tokens, asked.defaults))
    if asked.hello:
        print(len(embed(['hello'])[0]))
        return
    result = {'version': importlib.metadata.version(engine.PACKAGE), 'load_seconds': time.perf_counter() - start}
    result['workloads'] = []
    for path, limit, vectors_path in zip(asked.texts, asked.limits, asked.vectors):
        import numpy as np
        with open(path) as file:
            texts = [json.loads(line)['text'] for line in file][:limit]
        seconds, vectors = throughput(embed, texts, asked.passes, asked.warm_characters)
        result['workloads'].append({'rounds': seconds})
        np.save(vectors_path, vectors)
    if asked.queries_from:
        found = latencies(embed, asked.queries_from.read_text().splitlines(), asked.queries)
        result['p50_ms'], result['p99_ms'] = (1000 * found[min(len(found), -(-len(found) * share // 100)) - 1] for share in (50, 99))
    print(json.dumps(result))


if __name__ == '__main__':
    main()
