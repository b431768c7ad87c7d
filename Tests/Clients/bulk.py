"""How long questions take while another client adds records without a pause: bulk.py [QUESTIONS]"""

import json
import pathlib
import sys
import tempfile
import threading
import time

from served import Served

QUESTIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 400
TEXT = "The quick brown fox jumps over the lazy dog and runs along the river to the old mill, number %d of its kind. "


def ask(server, count):
    """Milliseconds of searches one after the other, sorted."""
    times = []
    for number in range(count):
        began = time.perf_counter()
        server.json("/v1/collections/notes/search", {"query": f"a fox near the mill {number}", "top": 5})
        times.append(1000 * (time.perf_counter() - began))
    return sorted(times)


def add(server, first, count):
    records = [{"id": f"r{number}", "text": TEXT % number * 3} for number in range(first, first + count)]
    return server.json("/v1/collections/notes/records", {"records": records})["total"]


def main():
    with tempfile.TemporaryDirectory() as folder, Served("--data", pathlib.Path(folder)) as server:
        server.json("/v1/collections", {"name": "notes"})
        add(server, 0, 2048)
        alone = ask(server, QUESTIONS)
        stopped, added = threading.Event(), []

        def work():
            while not stopped.is_set():
                added.append(add(server, 2048 + 1000 * len(added), 1000))

        thread = threading.Thread(target=work)
        thread.start()
        beside = ask(server, QUESTIONS)
        stopped.set()
        thread.join()
        total = server.json("/v1/collections/notes")["records"]
        assert total == 2048 + 1000 * len(added), (total, len(added))
    for name, times in (("alone", alone), ("beside adds", beside)):
        print(json.dumps({"": name, "p50_ms": round(times[len(times) // 2], 2), "p99_ms": round(times[len(times) * 99 // 100], 2)}))
    print(f"{1000 * len(added)} records were added meanwhile")


if __name__ == "__main__":
    main()
