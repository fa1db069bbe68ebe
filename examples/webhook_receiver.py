"""Takes callbacks of ix: checks their signatures, and does its work once however often an event comes.

    IX_SECRET=whsec_… python webhook_receiver.py [PORT]

The secret is what `ix secret CLIENT` printed. ix calls hosts inside your own network only where `IX_ALLOW_HOSTS` names
them, for this machine `IX_ALLOW_HOSTS=127.0.0.1`. Jobs name this receiver as `callback_url`."""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ix.client import BadWebhook, verify_webhook

MOST_BYTES = 64 * 1024
"""An event is far smaller: it says that a job has ended, and where to read the answer."""

seen: set[str] = set()
"""Ids of events that were worked on. Keep them in your database, in the transaction of the work itself."""


class Receiver(BaseHTTPRequestHandler):
    """2xx says that the event is taken; anything else has it sent again, for three days; 410 ends that at once."""

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("content-length") or 0), MOST_BYTES))
        try:
            event = verify_webhook(os.environ["IX_SECRET"], dict(self.headers), body)
        except BadWebhook as error:
            self.answer(400, str(error))
            return
        # a delivery that is tried again keeps its id
        if (delivery := self.headers["webhook-id"]) not in seen:
            work_on(event)
            seen.add(delivery)
        self.answer(204)

    def answer(self, status: int, reason: str | None = None) -> None:
        """Answers without a body."""
        self.send_response(status, reason)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def work_on(event: dict[str, Any]) -> None:
    """Be quick, or put it into a queue of your own: ix waits for `IX_CALLBACK_TIMEOUT`, 15 s unless set."""
    data = event["data"]
    print(event["type"], data["ix_id"], data["request_id"], data["error"] or data["url"], flush=True)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 9000), Receiver)
    print(f"listens on http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
