"""Writes texts.txt, questions.txt, titles.txt and bodies.txt into a folder: Debian's package descriptions, read from apt's lists.

    apt-get -o Acquire::Languages=en update && apt-get install lz4
    python Benchmarks/search/prepare.py FOLDER
"""

import glob
import pathlib
import random
import re
import subprocess
import sys

SPACES = re.compile(r"\s+")


def passages(text, found):
    """Passages of 40 to 320 characters, cut at the ends of sentences."""
    text = SPACES.sub(" ", text).strip()
    if len(text) < 40:
        return
    if len(text) > 320:
        current = ""
        for part in re.split(r"(?<=[.!?;:]) ", text):
            if len(current) + len(part) + 1 > 320 and len(current) >= 40:
                passages(current, found)
                current = part
            else:
                current = (current + " " + part).strip()
        text = current[:320]
        if len(text) < 40:
            return
    if sum(c.isalpha() for c in text) >= 0.6 * len(text):
        found.setdefault(text)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    found, pairs, titles = {}, [], set()
    for path in sorted(glob.glob("/var/lib/apt/lists/*Translation-en.lz4")):
        data = subprocess.run(["lz4", "-dc", path], capture_output=True, check=True).stdout.decode("utf8", "replace")
        for stanza in data.split("\n\n"):
            match = re.search(r"^Description-en: (.*?)\n((?: .*\n?)*)", stanza, re.M)
            if not match:
                continue
            for index, paragraph in enumerate(re.split(r"\n \.\n", match.group(2))):
                passages((match.group(1) + ". " + paragraph) if index == 0 else paragraph, found)
            body = SPACES.sub(" ", re.sub(r"\n \.\n", "\n", match.group(2))).strip()
            if len(body) > 60 and match.group(1) not in titles:
                titles.add(match.group(1))
                pairs.append((match.group(1), body))
    texts = list(found)
    random.Random(7).shuffle(texts)

    def write(name, lines):
        (folder / name).write_text("\n".join(lines) + "\n")

    write("questions.txt", texts[:1000])
    write("texts.txt", texts[1000:])
    write("titles.txt", [p[0] for p in pairs])
    write("bodies.txt", [p[1] for p in pairs])
    print(len(texts), "passages,", len(pairs), "descriptions")


main()
