"""docs/BENCHMARKS.md, written from the table of a run: no figure in it is typed."""
import os

from . import kernels, sections
from .results import Results


def write(folder, where):
    results = Results(folder)
    where.parent.mkdir(parents=True, exist_ok=True)
    link = os.path.relpath(folder, where.parent)

    def picture(name, text):
        return [f'![{text}]({link}/{name}.svg)', ''] if (folder / f'{name}.svg').exists() else []

    parts = [sections.head(results, link)]
    parts.append(sections.throughput(results, picture))
    parts.append(sections.ratios(results))
    parts.append(sections.accuracy(picture))
    parts.append(sections.latency(results, picture))
    parts.append(sections.cold(results))
    parts.append(sections.memory(results, picture))
    parts.append(sections.tokenizer(results))
    parts.append(sections.threads(results))
    parts.append(sections.scaling(results, picture))
    parts.append(sections.output(results))
    parts.append(kernels.whole(results))
    parts.append(kernels.products(results))
    parts.append(sections.shapes(results, picture))
    parts.append(sections.defaults(results))
    parts.append(sections.losses(results))
    parts.append(sections.method(results))
    lines = [line for part in parts for line in part]
    where.write_text('\n'.join(lines).rstrip() + '\n')
