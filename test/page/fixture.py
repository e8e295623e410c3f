"""Serves the status page as it is embedded, under its policy, and a /status that tests choose."""
import http.server
import json
import os
import re
import subprocess
import threading

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))


def embedded():
    """The page and its policy as the compiler gets them."""
    page = os.path.join(ROOT, 'src/http/status_page.html')
    made = subprocess.run(['sh', os.path.join(ROOT, 'src/http/embed_page.sh'), page], check=True,
                          capture_output=True, encoding='utf-8').stdout
    html, policy = made.split('char kPolicy[]')
    return (''.join(re.findall(r'R"page\((.*?)\)page"', html, re.S)).encode(),
            ''.join(re.findall(r'"(.*?)"', policy)))


class Fixture:
    """`status` is what /status answers: a value for JSON, a function that makes one, or bytes as they
    are; `code` its HTTP status. answering(False) is an exporter that is gone."""

    def __init__(self):
        self.page, self.policy = embedded()
        self.status = {}
        self.code = 200
        self.asked = []      # paths, in order
        self.gate = threading.Event()
        self.gate.set()      # cleared: /status does not answer
        self.server = None
        self.port = 0
        self.answering(True)

    @property
    def url(self):
        return f'http://127.0.0.1:{self.port}/'

    def answering(self, yes):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None
        if yes:
            self.server = Server(('127.0.0.1', self.port), Handler)
            self.server.fixture = self
            self.port = self.server.server_address[1]
            threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        pass # the browser left


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        fixture = self.server.fixture
        fixture.asked.append(self.path)
        if self.path == '/':
            self.answer(200, 'text/html; charset=utf-8', fixture.page)
        elif self.path == '/status':
            fixture.gate.wait(30)
            status = fixture.status() if callable(fixture.status) else fixture.status
            self.answer(fixture.code, 'application/json',
                        status if isinstance(status, bytes) else json.dumps(status).encode())
        else:
            self.answer(404, 'text/plain', b'not found\n')

    def answer(self, code, kind, body):
        self.send_response(code)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(body)))
        self.send_header('Content-Security-Policy', self.server.fixture.policy)
        self.send_header('X-Content-Type-Options', 'nosniff')
        self.send_header('Cache-Control', 'no-store')
        self.end_headers()
        self.wfile.write(body)
