"""A program that listens where it is told and says that it is ready: stands for a service in the supervisor's tests."""

import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ready")

    def log_message(self, format: str, *args: object) -> None:
        return


def main() -> None:
    if "fail" in sys.argv:
        print("the database of this service speaks another language", flush=True)
        sys.exit(3)
    for port in os.environ["STAND_IN_PORTS"].split():
        Thread(target=ThreadingHTTPServer(("127.0.0.1", int(port)), Ready).serve_forever, daemon=True).start()
    time.sleep(600)


if __name__ == "__main__":
    main()
