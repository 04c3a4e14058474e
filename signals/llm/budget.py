"""What one run may spend: requests and tokens, counted across all threads that ask."""

from __future__ import annotations

import threading

from signals.classifier import AskingStopped


class Budget:
    """
    Requests and tokens, reserved before a request and settled by what it really cost.

    A reservation assumes the dearest case, so requests under way together cannot overspend. One that
    does not fit beside them waits for what they really cost.
    """

    def __init__(self, max_requests: int, max_tokens: int) -> None:
        self.max_requests, self.max_tokens = max_requests, max_tokens
        self.requests = self.tokens = 0
        self._reserved = 0
        self._settled = threading.Condition()

    def reserve(self, tokens: int) -> None:
        """Raises AskingStopped where one more request of this size could pass the budget."""
        with self._settled:
            while self.tokens + self._reserved + tokens > self.max_tokens:
                if not self._reserved:
                    raise AskingStopped(
                        f"The budget of {self.max_tokens:,} tokens is spent: {self.tokens:,} used, "
                        f"and the next request may need {tokens:,}.",
                        is_failure=False,
                    )
                self._settled.wait()
            if self.requests >= self.max_requests:
                raise AskingStopped(
                    f"The budget of {self.max_requests:,} requests is spent.", is_failure=False
                )
            self.requests += 1
            self._reserved += tokens

    def settle(self, reserved: int, used: int) -> None:
        """The request came back, having cost `used` tokens of the `reserved`."""
        with self._settled:
            self._reserved -= reserved
            self.tokens += used
            self._settled.notify_all()
