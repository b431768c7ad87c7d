"""What happens to a model when a process forks, beside ONNX Runtime: python forks.py [--onnx MODEL.onnx] [--markdown]

Each case runs in a process of its own, which has a minute. Needs gunicorn for `gunicorn --preload`, torch for its DataLoader, and onnxruntime for
the comparison; what is not installed is said. Both engines have two threads."""
import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from importlib.util import find_spec

import numpy as np

TEXTS = [f"How do I cook pasta for {n} people, and what goes with it?" for n in range(64)]
SECONDS = 60


class Martlet:
    def __init__(self):
        import martlet

        self.model = martlet.Embedder(threads=2)

    def __call__(self):
        # 64 texts go to both threads as units; one text is shared by a team.
        return np.concatenate([self.model.embed(TEXTS), self.model.embed(TEXTS[:1])])

    def close(self):
        self.model.close()


class ONNX:
    def __init__(self):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        self.session = onnxruntime.InferenceSession(os.environ["FORKS_ONNX"], options, providers=["CPUExecutionProvider"])
        ids = np.random.default_rng(0).integers(5, 60, (64, 32))
        named = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        self.feed = {item.name: named[item.name] for item in self.session.get_inputs()}

    def __call__(self):
        return self.session.run(None, self.feed)[0]

    def close(self):
        self.session = None


ENGINES = {"martlet": Martlet, "onnx": ONNX}


def in_child(work):
    """The exit status of a forked child: 0 if `work` is true."""
    child = os.fork()
    if child == 0:
        status = 3
        try:
            status = 0 if work() else 2
        finally:
            os._exit(status)
    return child


def ended(child):
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        raise SystemExit(f"the child ends by signal {os.WTERMSIG(status)}")
    if os.WEXITSTATUS(status):
        raise SystemExit("other numbers in the child" if os.WEXITSTATUS(status) == 2 else "an exception in the child")


def check(same):
    if not same:
        raise SystemExit("other numbers in the parent")


def before_use(engine):
    """made, then fork; used in both"""
    child = in_child(lambda: np.array_equal(engine(), engine()))
    expected = engine()
    ended(child)
    check(np.array_equal(engine(), expected))


def after_use(engine):
    """used, then fork; used in the child, then in the parent"""
    expected = engine()
    ended(in_child(lambda: np.array_equal(engine(), expected)))
    check(np.array_equal(engine(), expected))


def both_at_once(engine):
    """used, then fork; both compute at the same time, twenty times"""
    expected = engine()
    child = in_child(lambda: all(np.array_equal(engine(), expected) for _ in range(20)))
    check(all(np.array_equal(engine(), expected) for _ in range(20)))
    ended(child)


def closed_in_child(engine):
    """used, then fork; closed in the child, used in the parent"""
    expected = engine()
    ended(in_child(lambda: (np.array_equal(engine(), expected), engine.close())[0]))
    check(np.array_equal(engine(), expected))


def closed_in_parent(engine):
    """used, then fork; closed in the parent, used in the child"""
    expected = engine()
    reading, writing = os.pipe()

    def work():
        os.read(reading, 1)
        return np.array_equal(engine(), expected)

    child = in_child(work)
    engine.close()
    os.write(writing, b"x")
    ended(child)


def while_computing(engine):
    """fork while another thread computes; used in the child"""
    expected = engine()
    stop = threading.Event()

    def compute():
        while not stop.is_set():
            engine()

    thread = threading.Thread(target=compute)
    thread.start()
    try:
        for _ in range(5):
            time.sleep(0.05)
            ended(in_child(lambda: np.array_equal(engine(), expected)))
    finally:
        stop.set()
    thread.join()


def grandchild(engine):
    """fork in a forked child that has used it"""
    expected = engine()

    def work():
        if not np.array_equal(engine(), expected):
            return False
        ended(in_child(lambda: np.array_equal(engine(), expected)))
        return True

    ended(in_child(work))


SHARED = None


def set_shared(engine):
    global SHARED
    SHARED = engine


def of_shared(_):
    return SHARED()


def pool(method):
    def run(engine):
        expected = engine()
        set_shared(engine)
        arguments = {} if method == "fork" else dict(initializer=set_shared, initargs=(engine,))
        with multiprocessing.get_context(method).Pool(2, **arguments) as workers:
            check(all(np.array_equal(found, expected) for found in workers.map(of_shared, range(8))))

    passed = "inherited" if method == "fork" else "passed"
    run.__doc__ = f'`multiprocessing` with "{method}", two workers, the model {passed}'
    return run


APPLICATION = """
import hashlib, sys
sys.path.insert(0, {tests!r})
import forks
engine = forks.ENGINES[{engine!r}]()
expected = hashlib.sha256(engine().tobytes()).hexdigest()

def application(environment, start):
    found = hashlib.sha256(engine().tobytes()).hexdigest()
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"same" if found == expected else b"other"]
"""


def gunicorn(engine):
    """`gunicorn --preload --workers 2`, the model used before the workers start"""
    name = next(name for name, kind in ENGINES.items() if isinstance(engine, kind))
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/application.py", "w") as file:
            file.write(APPLICATION.format(tests=os.path.dirname(os.path.abspath(__file__)), engine=name))
        port = 20000 + os.getpid() % 20000
        arguments = ["--preload", "--workers", "2", "--timeout", "15", "--bind", f"127.0.0.1:{port}", "--chdir", folder, "application"]
        with open(f"{folder}/log", "w") as log:
            server = subprocess.Popen([sys.executable, "-m", "gunicorn", *arguments], stdout=log, stderr=log)
        try:
            answers = []
            while len(answers) < 20:
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as answer:
                        answers.append(answer.read())
                except OSError as error:
                    if server.poll() is not None or "refused" not in str(error):
                        raise SystemExit(f"{error}") from None
                    time.sleep(0.2)
        finally:
            server.terminate()
            server.wait()
    check(all(answer == b"same" for answer in answers))


def data_loader(engine):
    """PyTorch's `DataLoader` with two workers, the model used before them"""
    from torch.utils.data import DataLoader, Dataset

    class Rows(Dataset):
        def __len__(self):
            return 8

        def __getitem__(self, index):
            return engine()

    expected = engine()
    for batch in DataLoader(Rows(), batch_size=2, num_workers=2, multiprocessing_context="fork"):
        check(all(np.array_equal(row.numpy(), expected) for row in batch))


CASES = {
    "before-use": before_use, "after-use": after_use, "both-at-once": both_at_once, "closed-in-child": closed_in_child,
    "closed-in-parent": closed_in_parent, "while-computing": while_computing, "grandchild": grandchild, "fork": pool("fork"),
    "forkserver": pool("forkserver"), "spawn": pool("spawn"), "gunicorn": gunicorn, "data-loader": data_loader,
}
NEEDS = {"gunicorn": "gunicorn", "data-loader": "torch"}


def outcome(case, engine):
    """What a case does, in words."""
    missing = [name for name in ([NEEDS[case]] if case in NEEDS else []) + (["onnxruntime"] if engine == "onnx" else []) if not find_spec(name)]
    if missing:
        return f"not run: {missing[0]} is not installed"
    # A session of its own: what hangs takes its children along.
    process = subprocess.Popen(
        [sys.executable, __file__, "--case", case, "--engine", engine], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True)
    try:
        _, errors = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.communicate()
        return "hangs"
    if process.returncode == 0:
        return "same bits"
    if process.returncode < 0:
        return f"ends by signal {-process.returncode}"
    return (errors.strip().splitlines() or ["ends with an error"])[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--onnx", help="a transformer exported to ONNX")
    parser.add_argument("--case", choices=CASES)
    parser.add_argument("--engine", choices=ENGINES)
    arguments = parser.parse_args()
    if arguments.case:
        CASES[arguments.case](ENGINES[arguments.engine]())
        return
    if arguments.onnx:
        os.environ["FORKS_ONNX"] = os.path.abspath(arguments.onnx)
    engines = ["martlet"] + (["onnx"] if arguments.onnx else [])
    versions = {name: __import__(name).__version__ for name in ("martlet", "onnxruntime", "torch", "gunicorn") if find_spec(name)}
    print(json.dumps(versions))
    print("| case | Martlet |" + (" ONNX Runtime |" if arguments.onnx else ""))
    print("|---|---|" + ("---|" if arguments.onnx else ""))
    failures = 0
    for case, work in CASES.items():
        found = [outcome(case, engine) for engine in engines]
        failures += found[0] != "same bits"
        print(f"| {work.__doc__} | {' | '.join(found)} |", flush=True)
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
