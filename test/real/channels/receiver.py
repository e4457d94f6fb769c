#!/usr/bin/env python3
"""A receiver of webhooks that knows nothing of the monitor: Standard Webhooks 1.0.0 in the words of Python.

receiver.py PORT SECRET ANSWER... prints a line of JSON for each request. The first ANSWERs are for the first requests, in
order: a status, or drop (take it, and close without an answer). All others get 204.
"""
import base64
import hashlib
import hmac
import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

port, secret, *answers = sys.argv[1:]
key = base64.b64decode(secret.removeprefix("whsec_"))


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        name, stamp, given = (self.headers[f"webhook-{part}"] for part in ("id", "timestamp", "signature"))
        signed = f"{name}.{stamp}.".encode() + body
        expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        answer = answers.pop(0) if answers else "204"
        seen = {
            "id": name,
            "signed": hmac.compare_digest(expected, given),
            "answer": answer,
            "path": self.path,
            "body": json.loads(body),
        }
        print(json.dumps(seen), flush=True)
        if answer == "drop":
            self.close_connection = True
            return
        self.send_response(int(answer))
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


print("listening", flush=True)
HTTPServer(("127.0.0.1", int(port)), Receiver).serve_forever()
