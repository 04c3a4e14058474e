"""An endpoint on loopback that speaks the chat-completions protocol, and fails as it is told to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Asked"], "Sent"]


@dataclass(frozen=True)
class Asked:
    """One request as it arrived; header names in lower case; `attempt` counts from 1 for the same messages."""

    body: dict[str, Any]
    headers: dict[str, str]
    number: int
    attempt: int

    @property
    def system(self) -> str:
        return self.body["messages"][0]["content"]

    @property
    def user(self) -> str:
        return self.body["messages"][1]["content"]

    @property
    def messages(self) -> list[dict[str, Any]]:
        return json.loads(self.user)["customer_messages"]


@dataclass(frozen=True)
class Sent:
    """One response; `after` seconds, so that a client may lose patience."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    after: float = 0.0


def completion(content: str | None, **message: Any) -> Sent:
    """A success whose message has this content, at a cost of 100 and 10 tokens."""
    finish = message.pop("finish_reason", "stop")
    body = {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "finish_reason": finish,
                "message": {"role": "assistant", "content": content, **message},
            }
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
    }
    return Sent(body=json.dumps(body).encode())


def answered(
    value: object, quote: object = None, message_no: object = 1, confidence: object = 0.9
) -> Sent:
    """A success that answers in the form asked for."""
    said = {"value": value, "message_no": message_no, "quote": quote, "confidence": confidence}
    return completion(json.dumps(said))


def failure(
    status: int, message: str = "no", headers: dict[str, str] | None = None, **error: Any
) -> Sent:
    body = json.dumps({"error": {"message": message, "type": "error", **error}}).encode()
    return Sent(status, body, headers or {})


@dataclass
class LlmServer:
    """`asked` is every request in the order of arrival, with `times` when (seconds, monotonic)."""

    url: str
    behaviour: Behaviour
    asked: list[Asked] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    most_at_once: int = 0


@contextmanager
def llm_server(behaviour: Behaviour) -> Iterator[LlmServer]:
    lock = threading.Lock()
    at_once = 0

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            nonlocal at_once
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                at_once += 1
                server.most_at_once = max(server.most_at_once, at_once)
                same = sum(each.body["messages"] == body["messages"] for each in server.asked)
                asked = Asked(
                    body,
                    {k.lower(): v for k, v in self.headers.items()},
                    len(server.asked) + 1,
                    same + 1,
                )
                server.asked.append(asked)
                server.times.append(time.monotonic())
            sent = server.behaviour(asked)
            time.sleep(sent.after)
            with lock:
                at_once -= 1
            try:
                self.send_response(sent.status)
                headers = {"Content-Type": "application/json", **sent.headers}
                for name, value in {**headers, "Content-Length": str(len(sent.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(sent.body)
            except OSError:
                pass  # the client lost patience

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server = LlmServer(f"http://127.0.0.1:{http.server_port}/v1", behaviour)
    thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
