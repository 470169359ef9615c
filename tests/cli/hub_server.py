"""A Hub on the loopback that can misbehave, with a second server beside it for the files that are kept in LFS."""

import hashlib
import http.server
import json
import re
import ssl
import threading
import time
import urllib.parse

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def git_sha1(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Repository:
    """Files by name; those that end in .safetensors are kept in LFS."""

    def __init__(self, files, commit=COMMIT):
        self.files = dict(files)
        self.commit = commit

    def digest(self, name):
        content = self.files[name]
        return sha256(content) if name.endswith(".safetensors") else git_sha1(content)

    def listing(self):
        siblings = []
        for name, content in self.files.items():
            entry = {"rfilename": name, "size": len(content), "blobId": git_sha1(content)}
            if name.endswith(".safetensors"):
                entry["lfs"] = {"sha256": sha256(content), "size": len(content), "pointerSize": 130}
            siblings.append(entry)
        return {"id": "any", "sha": self.commit, "private": False, "gated": False, "siblings": siblings}


class Fault:
    """What is done instead of the right thing, for one request."""

    def __init__(self, status=None, headers=None, cut=None, stall=None, content=None, ranges=True, etag=None,
                 length=None, pace=None):
        self.status = status          # refuse with this status
        self.headers = headers or {}  # and these headers
        self.cut = cut                # close the connection after so many bytes of the body
        self.stall = stall            # seconds without a byte, in the middle of the body
        self.content = content        # another body
        self.ranges = ranges          # False: as if there had been no Range
        self.etag = etag              # another ETag
        self.length = length          # another Content-Length
        self.pace = pace              # seconds to sleep after each 64 kB


class Request:
    def __init__(self, method, route, name, headers):
        self.method, self.route, self.name, self.headers = method, route, name, dict(headers)


class Hub:
    """`certificate`: a file with a key and a certificate for 127.0.0.1; with it the Hub speaks https, the storage not."""

    def __init__(self, certificate=None):
        self.repositories = {}
        self.faults = {}      # (route, name): list of faults, used up one by one; None is no fault
        self.requests = []
        self.lists_digests = True
        self.lock = threading.Lock()
        self.hub = self._serve("hub")
        self.storage = self._serve("storage")
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.hub.socket = context.wrap_socket(self.hub.socket, server_side=True)
        self.endpoint = f"http{'s' if certificate else ''}://127.0.0.1:{self.hub.server_port}"
        self.storage_url = f"http://localhost:{self.storage.server_port}"

    def _serve(self, role):
        handler = type("Handler", (_Handler,), {"hub": self, "role": role})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # clients that go away are what is tested
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return server

    def close(self):
        for server in (self.hub, self.storage):
            server.shutdown()
            server.server_close()

    def add_fault(self, route, name, *faults):
        """Routes: api (name: the repository), resolve and storage (name: the file)."""
        self.faults.setdefault((route, name), []).extend(faults)

    def take_fault(self, route, name):
        with self.lock:
            queue = self.faults.get((route, name), [])
            return queue.pop(0) if queue else None

    def seen(self, route, name=None):
        return [r for r in self.requests if r.route == route and name in (None, r.name)]


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub = role = None

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        path = urllib.parse.urlsplit(self.path).path
        if self.role == "storage":
            _, repository, name = path.split("/", 2)
            return self.answer("storage", urllib.parse.unquote(name), urllib.parse.unquote(repository), None)
        match = re.fullmatch(r"/api/models/(.+)/revision/([^/]+)", path)
        if match:
            return self.answer("api", match[1], match[1], urllib.parse.unquote(match[2]))
        match = re.fullmatch(r"/(.+)/resolve/([^/]+)/(.+)", path)
        if match:
            return self.answer("resolve", urllib.parse.unquote(match[3]), match[1], match[2])
        return self.refuse(404, {})

    def answer(self, route, name, repository_id, revision):
        hub = self.hub
        hub.requests.append(Request(self.command, route, name, self.headers))
        fault = hub.take_fault(route, name) or Fault()
        if fault.status is not None:
            return self.refuse(fault.status, fault.headers)
        repository = hub.repositories.get(repository_id)
        if repository is None:
            return self.refuse(401, {"X-Error-Code": "RepoNotFound"})
        if route != "storage" and revision not in ("main", "v1/x", repository.commit):
            return self.refuse(404, {"X-Error-Code": "RevisionNotFound"})
        if route == "api":
            listing = repository.listing()
            if not hub.lists_digests:
                listing["siblings"] = [{"rfilename": s["rfilename"]} for s in listing["siblings"]]
            return self.send(json.dumps(listing).encode(), "W/\"list\"", fault)
        if name not in repository.files:
            return self.refuse(404, {"X-Error-Code": "EntryNotFound"})
        content = repository.files[name]
        if route == "resolve" and name.endswith(".safetensors"):
            folder = urllib.parse.quote(repository_id, "")
            target = f"{hub.storage_url}/{folder}/{urllib.parse.quote(name)}?X-Signature=secret"
            return self.refuse(302, {"Location": target, "X-Repo-Commit": repository.commit,
                                     "X-Linked-Etag": f'"{repository.digest(name)}"',
                                     "X-Linked-Size": str(len(content))})
        etag = f'"{repository.digest(name)}"' if route == "resolve" else f'"storage-{len(content)}"'
        return self.send(content, etag, fault, {"X-Repo-Commit": repository.commit})

    def refuse(self, status, headers):
        body = b"" if status < 400 else b"<html>no</html>"
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def send(self, content, etag, fault, headers=None):
        etag = fault.etag or etag
        content = content if fault.content is None else fault.content
        first, status = 0, 200
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if wanted and fault.ranges and self.headers.get("If-Range", etag) == etag:
            first, status = int(wanted[1]), 206
            if first >= len(content):
                return self.refuse(416, {"Content-Range": f"bytes */{len(content)}"})
        self.send_response(status)
        for key, value in {**(headers or {}), **fault.headers}.items():
            self.send_header(key, value)
        if status == 206:
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        body = content[first:]
        self.send_header("ETag", etag)
        self.send_header("Content-Length", str(len(body) if fault.length is None else fault.length))
        self.end_headers()
        if self.command == "GET":
            self.send_body(body, fault)

    def send_body(self, body, fault):
        if fault.cut is not None:
            body, self.close_connection = body[:fault.cut], True
        if fault.stall is not None:
            self.wfile.write(body[:len(body) // 2])
            self.wfile.flush()
            time.sleep(fault.stall)
            body = body[len(body) // 2:]
        for begin in range(0, len(body), 1 << 16):
            self.wfile.write(body[begin:begin + (1 << 16)])
            if fault.pace:
                time.sleep(fault.pace)
        if fault.length is not None:
            self.close_connection = True
