"""Words of eleven languages and their stems by Snowball, for Tests/MartletIndexTests/Goldens/stems.tsv: python Scripts/stem-goldens.py

    pip install snowballstemmer==2.2.0 wordfreq
"""
import pathlib
import random

import snowballstemmer
import wordfreq

LANGUAGES = {
    "danish": "da", "dutch": "nl", "english": "en", "french": "fr", "german": "de", "italian": "it", "norwegian": "nb", "portuguese": "pt",
    "russian": "ru", "spanish": "es", "swedish": "sv"}
lines = []
for name, code in LANGUAGES.items():
    stemmer = snowballstemmer.stemmer(name)
    words = [word for word in wordfreq.top_n_list(code, 30000) if word.isalpha() and word == word.lower()]
    if name == "english":
        words = [word for word in words if word.isascii()]
    for word in sorted(random.Random(7).sample(words, 400)):
        lines.append(f"{name}\t{word}\t{stemmer.stemWord(word)}")
path = pathlib.Path(__file__).resolve().parents[1] / "Tests/MartletIndexTests/Goldens/stems.tsv"
path.write_text("\n".join(lines) + "\n")
print(len(lines), "words")
