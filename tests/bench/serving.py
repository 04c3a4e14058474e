"""How long `dagster dev` takes until it serves the graph."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from .contenders import BIN, QUIET, ROOT
from .measuring import RunError

PATIENCE_SECONDS = 180.0
ASK_SECONDS = 0.25

GRAPH = "{ assetNodes { id } }"
"""Answered with nodes only once the project is loaded; the page itself is there before."""


def seconds_until_served(data: Path, log: Path) -> float:
    """
    Start `dagster dev` on a free port of this machine, wait for its graph, and end it again.

    Raises RunError when it ends by itself or stays silent for three minutes.
    """
    port = _free_port()
    home = data / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, **QUIET, "ASSAY_DATA": str(data), "DAGSTER_HOME": str(home)}
    with log.open("w", encoding="utf-8") as output:
        started = time.monotonic()
        process = subprocess.Popen(
            [BIN / "dagster", "dev", "--host", "127.0.0.1", "--port", str(port)],
            cwd=ROOT,
            env={**environment, "DAGSTER_DISABLE_TELEMETRY": "true"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            while not _serves_graph(port):
                waited = time.monotonic() - started
                if process.poll() is not None or waited > PATIENCE_SECONDS:
                    raise RunError(
                        f"dagster dev did not serve its graph in {waited:.0f} s: see {log}."
                    )
                time.sleep(ASK_SECONDS)
            return time.monotonic() - started
        finally:
            _end(process)


def _serves_graph(port: int) -> bool:
    question = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql",
        json.dumps({"query": GRAPH}).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(question, timeout=30) as answer:
            found = json.load(answer)
    except (urllib.error.URLError, ConnectionError, TimeoutError, json.JSONDecodeError):
        return False
    return bool((found.get("data") or {}).get("assetNodes"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the server and what it started: they are a session, so a group, of their own."""
    for sent in (signal.SIGINT, signal.SIGKILL):
        try:
            os.killpg(process.pid, sent)
        except ProcessLookupError:
            return
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            continue
