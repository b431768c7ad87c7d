"""What the workers of cluster_tests.py run."""
import os
import time

from martlet.integrations._arrow import model_of_process
from martlet.integrations.ray import EmbedBatch


class Marked(EmbedBatch):
    """Leaves a file named after its process."""

    def __init__(self, seen, **options):
        super().__init__(**options)
        self.seen = seen

    def __call__(self, batch):
        open(f"{self.seen}/{os.getpid()}", "w").close()
        return super().__call__(batch)


class Killed(EmbedBatch):
    """Ends its process, the first time that a batch is computed anywhere."""

    def __init__(self, marker, **options):
        super().__init__(**options)
        self.marker = marker

    def __call__(self, batch):
        from cluster_tests import kill_once

        found = super().__call__(batch)
        kill_once(self.marker)
        return found


class Timed(EmbedBatch):
    """Says when each batch was computed, and the CPU seconds it took."""

    def __call__(self, batch):
        start, used = time.time(), time.process_time()
        found = super().__call__(batch)
        for name, value in (("start", start), ("end", time.time()), ("used", time.process_time() - used)):
            found = found.append_column(name, [[value] * len(found)])
        return found


def embed_partition(frame):
    """A partition of Dask, with vectors."""
    embedder = model_of_process(None, (("threads", 1),))
    return frame.assign(embedding=list(embedder.embed(frame["text"])))
