"""Words and their stems by Snowball, for Tests/MartletIndexTests/Goldens/stems.tsv. Each language follows one version of Snowball, and only one
version can be installed; a run writes the lines of its languages and keeps the others:

    pip install wordfreq==3.1.1
    pip install snowballstemmer==2.2.0 && python Scripts/stem-goldens.py
    pip install snowballstemmer==3.1.1 && python Scripts/stem-goldens.py
"""
import importlib.metadata
import pathlib
import random

import snowballstemmer
import wordfreq

LANGUAGES = {
    "2.2.0": {
        "danish": "da", "dutch": "nl", "english": "en", "french": "fr", "german": "de", "italian": "it", "norwegian": "nb", "portuguese": "pt",
        "russian": "ru", "spanish": "es", "swedish": "sv"},
    "3.1.1": {"finnish": "fi", "hungarian": "hu", "romanian": "ro"}}
own = LANGUAGES[importlib.metadata.version("snowballstemmer")]
path = pathlib.Path(__file__).resolve().parents[1] / "Tests/MartletIndexTests/Goldens/stems.tsv"
lines = [line for line in path.read_text().splitlines() if line.split("\t")[0] not in own]
for name, code in own.items():
    stemmer = snowballstemmer.stemmer(name)
    words = [word for word in wordfreq.top_n_list(code, 30000) if word.isalpha() and word == word.lower()]
    if name == "english":
        words = [word for word in words if word.isascii()]
    for word in sorted(random.Random(7).sample(words, 400)):
        lines.append(f"{name}\t{word}\t{stemmer.stemWord(word)}")
lines.sort(key=lambda line: line.split("\t")[0])
path.write_text("\n".join(lines) + "\n")
print(len(lines), "words")
