"""The server as a process: its start and end, the system's limits, and a real proxy in front of it."""

import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

from served import Served, command

BODY = json.dumps({"input": "hi", "dimensions": 1}).encode()
HALF = b'POST /embed HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{"in'


def run(*arguments, timeout=30, **more):
    """A server that is to end by itself: its status and what it wrote."""
    done = subprocess.run([command(), "serve", *arguments], capture_output=True, text=True, timeout=timeout, **more)
    return done.returncode, done.stderr


def connect(server):
    host, port = server.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=10)


def starts():
    """What cannot work ends the start, and says why."""
    status, said = run("--model", "no-such-model")
    assert status != 0 and "no-such-model" in said and "listening" not in said, (status, said)
    with Served("--lazy", "--model", "no-such-model", wait=False) as lazy:
        assert lazy.call("/health")[0] == 200
        assert lazy.call("/embed", {"inputs": "a"})[0] == 503
    with Served() as server:
        port = server.url.rsplit(":", 1)[1]
        status, said = run("--port", port)
        assert status != 0 and "in use by another program" in said and "errno" not in said, said
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "martlet.sock")
        # A socket that a server left behind is taken; one that lives is not, and a file stays.
        left = socket.socket(socket.AF_UNIX)
        left.bind(path)
        left.close()
        first = subprocess.Popen([command(), "serve", "--unix-socket", path], stderr=subprocess.DEVNULL)
        try:
            wait_for(lambda: subprocess.run(
                ["curl", "-sf", "--unix-socket", path, "http://localhost/health"], capture_output=True).returncode == 0)
            status, said = run("--unix-socket", path)
            assert status != 0 and "in use by another server" in said, said
            assert subprocess.run(
                ["curl", "-sf", "--unix-socket", path, "http://localhost/health"], capture_output=True).returncode == 0
        finally:
            first.terminate()
            first.wait(30)
        file = pathlib.Path(folder, "notes.txt")
        file.write_text("mine")
        status, said = run("--unix-socket", str(file))
        assert status != 0 and "is not a socket" in said and file.read_text() == "mine", said


def stops():
    """A body that was half sent does not hold the end, and a second signal does not wait."""
    with Served("--drain-timeout", "2") as server:
        stalled = connect(server)
        stalled.sendall(HALF)
        time.sleep(0.3)
        start = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0 and time.monotonic() - start < 10
    with Served() as server:
        stalled = connect(server)
        stalled.sendall(HALF)
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert server.process.poll() is None
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(5) == 128 + signal.SIGTERM
        server.ended = True


def descriptors():
    """More connections than the system allows, beside large requests: the server lives and answers new clients."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))  # noqa: E731
    with Served(preexec_fn=limit) as server:
        large = json.dumps({"input": ["x" * 2000] * 200}).encode()
        done, failures = threading.Event(), []

        def work():
            while not done.is_set():
                try:
                    urllib.request.urlopen(server.url + "/v1/embeddings", data=large, timeout=30).read()
                except OSError as error:
                    failures.append(error)

        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        idle = []
        for _ in range(600):
            idle.append(connect(server))
        assert json.loads(urllib.request.urlopen(server.url + "/v1/embeddings", data=BODY, timeout=30).read())["data"]
        done.set()
        for worker in workers:
            worker.join()
        assert server.process.poll() is None and not failures, failures[:3]
        # The oldest were closed for the newest.
        idle[0].settimeout(5)
        assert idle[0].recv(1) == b""
        for connection in idle:
            connection.close()
        assert server.call("/health")[0] == 200


def threads():
    """Under a limit of threads the server serves, or ends and says why."""
    if os.getuid() != 0:
        print("not run, it takes users of their own, which root alone can be: threads")
        return
    started = []
    for most in range(5, 20):
        limit = lambda most=most: resource.setrlimit(resource.RLIMIT_NPROC, (most, most))  # noqa: E731
        # The system counts the threads of a user, not of a process.
        started.append((most, subprocess.Popen(
            [command(), "serve", "--port", "0", "--threads", "2"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
            user=54300 + most, cwd="/", env=os.environ | {"HOME": "/nonexistent"}, preexec_fn=limit)))
    time.sleep(8)
    served = 0
    for most, process in started:
        if process.poll() is None:
            served += 1
            process.terminate()
            process.communicate(timeout=60)
        else:
            said = process.communicate()[1]
            assert process.returncode == 1 and "refuses a thread" in said, (most, process.returncode, said)
    assert 0 < served < len(started), served


def documented_sites(language):
    """The files of a language in docs/SERVER.md."""
    page = (pathlib.Path(__file__).resolve().parents[2] / "docs/SERVER.md").read_text()
    return [part.split("```")[0] for part in page.split(f"```{language}\n")[1:]]


def documented_site(language):
    return documented_sites(language)[0]


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def behind(start, scheme="http"):
    """The server behind a proxy on a port of its own.
    `start` is given the server's address, the port and a folder, and starts the proxy."""
    name = "embeddings.example.com"
    with Served("--allowed-host", name) as server, tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        port = free_port()
        process = start(server.url.removeprefix("http://"), port, folder)

        def ask(path, body=None, **headers):
            request = urllib.request.Request(
                f"{scheme}://127.0.0.1:{port}/martlet{path}", body, {"Host": name} | {key.replace("_", "-"): value for key, value in headers.items()})
            try:
                with urllib.request.urlopen(request, timeout=10, context=context) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as error:
                return error.code, error.read()

        context = ssl._create_unverified_context() if scheme == "https" else None
        try:
            wait_for(lambda: answers(lambda: ask("/health")))
            assert ask("/health")[0] == 200
            assert json.loads(ask("/v1/embeddings", BODY)[1])["data"]
            # The page works there, for its origin is the proxy's; another site's does not.
            status, text = ask("/", Accept="text/html", User_Agent="Mozilla/5.0")
            assert status == 200 and b"<html" in text
            for origin in (f"https://{name}", f"https://{name}:8443"):
                assert ask("/v1/embeddings", BODY, Origin=origin)[0] == 200, origin
            assert ask("/v1/embeddings", BODY, Origin="https://evil.example")[0] == 403
            # Of another name, where the proxy has one.
            status, text = ask("/v1/embeddings", BODY, Host="evil.example", Origin="https://evil.example")
            assert status == 403 or b"data" not in text, (status, text[:200])
            status, text = ask("/embed", json.dumps({"inputs": ["long text " * 50] * 200}).encode())
            assert status == 200, (status, text[:200])
            # nginx answers, Caddy may close the connection in the middle of the body.
            refused = answers(lambda: ask("/embed", b" " * (17 << 20)))
            assert refused is None or refused[0] == 413, refused
            assert ask("/health")[0] == 200
        finally:
            process.terminate()
            process.wait(10)


def proxy():
    """The nginx of docs/SERVER.md."""
    if not shutil.which("nginx"):
        print("not run, there is no nginx: proxy")
        return

    def start(address, port, folder):
        site = documented_site("nginx").replace("127.0.0.1:8080", address).replace("listen 443 ssl", f"listen 127.0.0.1:{port}")
        paths = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        configuration = pathlib.Path(folder, "nginx.conf")
        configuration.write_text(
            f"daemon off; pid {folder}/pid; error_log {folder}/log; events {{}} http {{ access_log off; {paths} {site} }}")
        return subprocess.Popen(["nginx", "-c", str(configuration)], stderr=subprocess.DEVNULL)

    behind(start)


def caddy():
    """The Caddyfile of docs/SERVER.md, for http: there is no certificate."""
    if not shutil.which("caddy"):
        print("not run, there is no caddy: caddy")
        return

    def start(address, port, folder):
        site = documented_site("caddy").replace("127.0.0.1:8080", address).replace(
            "embeddings.example.com {", f"http://embeddings.example.com:{port} {{")
        configuration = pathlib.Path(folder, "Caddyfile")
        configuration.write_text(f"{{\n    admin off\n}}\n{site}")
        environment = os.environ | {"HOME": folder, "XDG_DATA_HOME": folder, "XDG_CONFIG_HOME": folder}
        return subprocess.Popen(
            ["caddy", "run", "--config", str(configuration), "--adapter", "caddyfile"], stderr=subprocess.DEVNULL, env=environment)

    behind(start)


def traefik():
    """The Traefik of docs/SERVER.md, with the certificate that it makes itself."""
    program = shutil.which("traefik") or shutil.which("traefik", path=pathlib.Path(sys.executable).parent)
    if not program:
        print("not run, there is no traefik: traefik")
        return

    def start(address, port, folder):
        site = pathlib.Path(folder, "martlet.yaml")
        site.write_text(next(
            site.replace("127.0.0.1:8080", address) for site in documented_sites("yaml") if "stripPrefix" in site))
        return subprocess.Popen(
            [program, f"--entryPoints.websecure.address=127.0.0.1:{port}", f"--providers.file.filename={site}",
             "--global.checkNewVersion=false", "--global.sendAnonymousUsage=false"], stdout=subprocess.DEVNULL)

    behind(start, scheme="https")


def manifest():
    """docs/deployment.yaml: each document against the schema of Kubernetes, and its options against the command's."""
    import kubernetes_validate
    import yaml

    path = pathlib.Path(__file__).resolve().parents[2] / "docs/deployment.yaml"
    documents = list(yaml.safe_load_all(path.read_text()))
    assert [document["kind"] for document in documents] == ["Deployment", "Service"]
    for document in documents:
        kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)
    pod = documents[0]["spec"]["template"]["spec"]
    container = pod["containers"][0]
    environment = {entry["name"]: entry["value"] for entry in container["env"]}
    drain = int(environment["MARTLET_DRAIN_TIMEOUT"])
    assert pod["terminationGracePeriodSeconds"] >= drain + container["lifecycle"]["preStop"]["sleep"]["seconds"]
    # As the container runs it, but on a port of its own and with a log that the test reads.
    arguments = container["args"]
    assert arguments[:2] == ["martlet", "serve"] and container["ports"][0]["containerPort"] == 8080
    assert arguments[-2:] == ["--log-format", "json"]
    with Served(*arguments[2:-2], wait=False) as server:
        port = server.url.rsplit(":", 1)[1]
        for probe in ("startupProbe", "readinessProbe"):
            path = container[probe]["httpGet"]["path"]
            wait_for(lambda: answers(lambda: server_status(f"http://127.0.0.1:{port}{path}") == 200))  # noqa: B023


def server_status(url):
    try:
        return urllib.request.urlopen(url, timeout=10).status
    except urllib.error.HTTPError as error:
        return error.code


def answers(ask):
    try:
        return ask()
    except OSError:
        return None


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not come to be within time")
        time.sleep(0.05)


def slow():
    """Bodies that do not come take no other's place, and an answer to one that is too large ends its connection."""
    with Served("--max-concurrent-requests", "4", "--drain-timeout", "1") as server:
        slow = []
        for _ in range(20):
            slow.append(connect(server))
            slow[-1].sendall(HALF)
        time.sleep(0.3)
        assert server.call("/v1/embeddings", BODY)[0] == 200
        large = connect(server)
        large.sendall(b"POST /embed HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n")
        start, received = time.monotonic(), b""
        try:
            while time.monotonic() - start < 20:
                large.sendall(b"x" * 65536)
        except OSError:
            pass
        assert time.monotonic() - start < 10, "the connection stays open"
        try:
            while part := large.recv(65536):
                received += part
        except OSError:
            pass
        assert received == b"" or received.startswith(b"HTTP/1.1 413"), received[:100]


def documented():
    """Each option of the command is in docs/SERVER.md."""
    page = (pathlib.Path(__file__).resolve().parents[2] / "docs/SERVER.md").read_text()
    text = subprocess.run([command(), "serve", "--help"], capture_output=True, text=True, check=True).stdout
    options = set(re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", text.split("OPTIONS:")[1], re.MULTILINE)) - {"--help", "--version"}
    assert len(options) > 30 and not (missing := {option for option in options if f"`{option}" not in page}), missing


TESTS = (documented, starts, stops, descriptors, threads, slow, proxy, caddy, traefik, manifest)
