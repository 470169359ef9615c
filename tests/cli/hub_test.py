"""Downloads from a Hub that misbehaves: each trouble is told apart, nothing wrong is kept, and what came is used."""

import json
import os
import pty
import random
import signal
import socket
import subprocess
import time
import unittest

from command import CORTLAND, GOLDEN, CommandTest, tree
from hub_server import COMMIT, Fault, Hub, Repository, git_sha1, sha256

ID = "org/name"
WEIGHTS = "model.safetensors"
# Weights that need many packets; only the conversion at the end would look into them.
BIG = random.Random(1).randbytes(3 << 20)


def golden_files(name="exaone4-full"):
    return {p.name: p.read_bytes() for p in sorted((GOLDEN / name).iterdir()) if not p.name.startswith("expected")}


class HubTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.hub = Hub()
        self.addCleanup(self.hub.close)
        self.hub.repositories[ID] = Repository(golden_files())
        self.cache = self.folder / "hf" / "hub"
        self.model = self.cache / "models--org--name"
        del self.environment["HF_HUB_OFFLINE"]
        self.environment["HF_ENDPOINT"] = self.hub.endpoint

    def serve_big(self):
        """A repository whose weights are BIG."""
        self.hub.repositories[ID].files[WEIGHTS] = BIG
        return BIG

    def check_snapshot(self, files=None, commit=COMMIT):
        """Every file is there, with its content, as a link to a blob that is named by its digest."""
        repository = self.hub.repositories[ID]
        snapshot = self.model / "snapshots" / commit
        for name in files or repository.files:
            path = snapshot / name
            self.assertEqual(os.readlink(path), "../" * (2 + name.count("/")) + "blobs/" + repository.digest(name))
            self.assertEqual(path.read_bytes(), repository.files[name])
        self.assertEqual(list(self.model.glob("blobs/*.incomplete")), [])

    def refused(self, code, name=ID):
        """Downloads in vain, and returns the message with the address of this Hub as HUB."""
        message = self.fail_with(code, "download", name)
        return message.replace(self.hub.endpoint, "HUB").replace(self.hub.storage_url, "STORAGE")


class Good(HubTest):
    def test_convert_downloads_what_it_needs_and_no_more(self):
        files = self.hub.repositories[ID].files
        files |= {"LICENSE": b"mine", "README.md": b"card", "pytorch_model.bin": b"pickle", "onnx/model.onnx": b"x",
                  "tokenizer.json": b"{}", "vocab.json": b"{}", "modeling_x.py": b"import os"}
        printed = self.succeed("convert", "--model-id", ID, "--context", 64)
        self.assertIn("Wrote name.mlpackage", printed)
        self.assertIn("--against org/name", printed)
        wanted = {"config.json", "generation_config.json", WEIGHTS, "LICENSE", "README.md", "tokenizer.json"}
        self.assertEqual({p.name for p in (self.model / "snapshots" / COMMIT).iterdir()}, wanted)
        self.check_snapshot(wanted)
        self.assertEqual((self.model / "refs" / "main").read_text(), COMMIT)
        source = json.loads(self.succeed("inspect", "name.mlpackage", "--json"))["metadata"]["cortland.source"]
        self.assertEqual((source["model_id"], source["revision"]), (ID, COMMIT))
        self.succeed("verify", "name.mlpackage", "--against", ID)
        # Again: the listing is all that is asked for. Offline: not even that.
        before = len(self.hub.requests)
        self.succeed("convert", "--model-id", f"{ID}@main", "--context", 64, "-o", "again.mlpackage")
        self.assertEqual([r.route for r in self.hub.requests[before:]], ["api"])
        before = len(self.hub.requests)
        self.environment["HF_HUB_OFFLINE"] = "1"
        self.succeed("convert", "--model-id", ID, "--context", 64, "-o", "offline.mlpackage")
        self.assertEqual(len(self.hub.requests), before)
        for other in ("again", "offline"):
            self.assertEqual(tree(self.folder / "name.mlpackage"), tree(self.folder / f"{other}.mlpackage"))

    def test_shards(self):
        repository = self.hub.repositories[ID]
        repository.files = golden_files("exaone4-rope")
        printed = self.succeed("download", ID)
        self.assertEqual(printed, f"{self.model}/snapshots/{COMMIT}\n")
        self.check_snapshot()
        index = json.loads(repository.files[WEIGHTS + ".index.json"])
        index["weight_map"] = {"a": "../../evil.safetensors"}
        repository.files[WEIGHTS + ".index.json"] = json.dumps(index).encode()
        self.assertIn("names ../../evil.safetensors; want a safetensors file of the repository", self.refused(4))

    def test_revisions(self):
        printed = json.loads(self.succeed("download", f"{ID}@v1/x", "--json"))
        self.assertEqual(printed, {"id": ID, "revision": COMMIT, "folder": f"{self.model}/snapshots/{COMMIT}"})
        self.assertEqual((self.model / "refs" / "v1" / "x").read_text(), COMMIT)
        self.succeed("download", f"{ID}@{COMMIT}")
        self.assertEqual([p.name for p in (self.model / "refs").iterdir()], ["v1"])
        self.assertEqual(self.refused(4, f"{ID}@v2"), "org/name: has no revision v2; got status 404; hint: "
                         "HUB/org/name/tree/main lists branches and tags")
        for name in ("org/name@", "org/name@a b", "org/name@../x", "a/b/c", "org/na--me", "a/"):
            self.assertIn("want org/name or org/name@revision", self.refused(2, name))

    def test_a_mirror_that_lists_names_alone(self):
        self.hub.lists_digests = False
        self.succeed("download", ID)
        self.check_snapshot()
        heads = {r.name for r in self.hub.seen("resolve") if r.method == "HEAD"}
        self.assertEqual(heads, set(self.hub.repositories[ID].files))
        self.assertNotIn("HEAD", {r.method for r in self.hub.seen("storage")})

    def test_an_unsupported_model_is_refused_before_its_weights_come(self):
        self.hub.repositories[ID].files["config.json"] = json.dumps({"model_type": "mamba"}).encode()
        self.assertIn("mamba", self.refused(3))
        self.assertEqual(self.hub.seen("storage"), [])

    def test_an_existing_package_is_refused_before_anything_comes(self):
        (self.folder / "name.mlpackage").mkdir()
        self.fail_with(2, "convert", "--model-id", ID)
        self.assertEqual(self.hub.requests, [])

    def test_the_cache_serves_when_the_hub_cannot_be_reached(self):
        self.succeed("download", ID)
        self.hub.add_fault("api", ID, *[Fault(503, {"Retry-After": "0"})] * 5)
        done = self.run_command("download", ID)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("out of order; got status 503 after 5 tries; hint: try again later; using commit "
                      f"{COMMIT} from the local cache", done.stderr)


class Token(HubTest):
    def test_it_goes_to_the_hub_and_nowhere_else(self):
        self.environment["HF_TOKEN"] = "hf_secret"
        done = self.run_command("download", ID, "--verbose")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("secret", done.stderr + done.stdout)
        for request in self.hub.requests:
            want = None if request.route == "storage" else "Bearer hf_secret"
            self.assertEqual(request.headers.get("Authorization"), want, request.route)
        self.assertTrue(self.hub.seen("storage"))

    def test_it_may_be_stored(self):
        (self.folder / "hf").mkdir()
        (self.folder / "hf" / "token").write_text("hf_stored\n")
        self.succeed("download", ID)
        self.assertEqual(self.hub.seen("api")[0].headers["Authorization"], "Bearer hf_stored")
        self.environment["HF_HUB_DISABLE_IMPLICIT_TOKEN"] = "1"
        self.succeed("download", ID)
        self.assertNotIn("Authorization", self.hub.seen("api")[1].headers)
        self.environment["HF_TOKEN"] = "a\nX-Evil: 1"
        self.assertIn("HF_TOKEN: the token has characters that no token has", self.refused(2))


class Encrypted(HubTest):
    def test_certificates_and_the_way_down_to_http(self):
        certificate = self.folder / "certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", certificate, "-out",
                        self.folder / "public.pem", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-days", "2"], check=True, capture_output=True)
        with open(certificate, "ab") as file:
            file.write((self.folder / "public.pem").read_bytes())
        hub = Hub(certificate)
        self.addCleanup(hub.close)
        hub.repositories = self.hub.repositories
        self.environment["HF_ENDPOINT"] = hub.endpoint
        self.assertIn("the certificate of the server is not trusted", self.refused(5))
        self.assertEqual(hub.requests, [])
        self.environment["REQUESTS_CA_BUNDLE"] = str(self.folder / "public.pem")
        message = self.refused(4)
        self.assertIn(f"leads to {hub.storage_url}/org%2Fname/{WEIGHTS}, want https", message)
        self.assertEqual(hub.seen("storage"), [])


class Refused(HubTest):
    def test_every_refusal_has_its_sentence(self):
        cases = [
            (Fault(401, {"X-Error-Code": "RepoNotFound"}), 4,
             "org/name: there is no such model, or it is private; got status 401, want a model of HUB; hint: check the "
             "spelling, or set HF_TOKEN if it is private"),
            (Fault(404, {"X-Error-Code": "RepoNotFound"}), 4,
             "org/name: there is no such model, or it is private; got status 404, want a model of HUB; hint: check the "
             "spelling, or set HF_TOKEN if it is private"),
            (Fault(401, {"X-Error-Code": "GatedRepo"}), 4,
             "org/name: is gated: its authors give it to those who accept their conditions; got status 401 "
             "(GatedRepo), want access; hint: accept them at HUB/org/name, then set HF_TOKEN to a token of that "
             "account"),
            (Fault(403, {"X-Error-Message": "Access to this resource is disabled."}), 4,
             "org/name: the Hub forbids access; got status 403, Access to this resource is disabled.; hint: look at "
             "HUB/org/name"),
            (Fault(429, {"Retry-After": "3000"}), 5,
             "org/name: the Hub limits how often it may be asked; got status 429; hint: try again in 3000 seconds, or "
             "set HF_TOKEN: with a token the limits are wider"),
            (Fault(418, {}), 5,
             "org/name: HUB/api/models/org/name/revision/main: got status 418, want the file; hint: check HF_ENDPOINT"),
        ]
        for fault, code, message in cases:
            self.hub.add_fault("api", ID, fault)
            self.assertEqual(self.refused(code), message)
        self.environment["HF_TOKEN"] = "hf_x"
        self.hub.add_fault("resolve", "config.json", Fault(403, {"X-Error-Code": "GatedRepo"}))
        self.assertIn("then use the token of that account", self.refused(4))
        self.assertFalse((self.model / "refs").exists())

    def test_passing_troubles_pass(self):
        self.hub.add_fault("api", ID, Fault(429, {"Retry-After": "0"}), Fault(503, {"Retry-After": "0"}))
        self.hub.add_fault("resolve", "config.json", Fault(500, {"Retry-After": "0"}))
        # A signed address that ran out: the Hub is asked for a new one.
        self.hub.add_fault("storage", WEIGHTS, Fault(403, {"Retry-After": "0"}))
        self.succeed("download", ID)
        self.check_snapshot()
        self.assertEqual(len(self.hub.seen("resolve", WEIGHTS)), 2)

    def test_troubles_that_stay_are_told(self):
        self.hub.add_fault("resolve", "config.json", *[Fault(502, {"Retry-After": "0"})] * 5)
        self.assertEqual(self.refused(5), f"org/name: HUB/org/name/resolve/{COMMIT}/config.json: the Hub is out of "
                         "order; got status 502 after 5 tries; hint: try again later")

    def test_redirects_are_bounded(self):
        here = f"{self.hub.endpoint}/api/models/{ID}/revision/main"
        for target, message in ((here, "leads on and on; want 8 redirects at the most"),
                                ("file:///etc/passwd", "leads to file:///etc/passwd, want an address of http or https"),
                                ("http://user:word@localhost/", "want an address of http or https")):
            self.hub.faults.clear()
            self.hub.add_fault("api", ID, *[Fault(302, {"Location": target})] * 20)
            self.assertIn(message, self.refused(4))
        # A renamed repository.
        self.hub.faults.clear()
        self.hub.add_fault("api", "old", Fault(307, {"Location": "/api/models/org/name/revision/main"}))
        self.hub.repositories["old"] = self.hub.repositories[ID]
        self.succeed("download", "old")

    def test_offline(self):
        for name, value in (("HF_HUB_OFFLINE", "1"), ("TRANSFORMERS_OFFLINE", "yes")):
            self.environment[name] = value
            self.assertEqual(self.refused(4), "org/name: revision main is not in the local Hugging Face cache "
                             f"(hf/hub), and {name} forbids to download it; hint: unset {name}")
            del self.environment[name]
        self.assertEqual(self.hub.requests, [])

    def test_models_without_safetensors(self):
        repository = self.hub.repositories[ID]
        for files, code, message in (
                (("config.json", "pytorch_model.bin"), 3, "weights are in pytorch_model.bin, which can execute code"),
                (("a-q4.gguf",), 3, "hint: download a-q4.gguf and give its path"),
                ((WEIGHTS,), 4, "the repository has no config.json"),
                (("README.md",), 4, "has neither model.safetensors nor model.safetensors.index.json")):
            repository.files = {name: b"{}" for name in files}
            self.assertIn(message, self.refused(code))


class Hostile(HubTest):
    def test_listings(self):
        good = self.hub.repositories[ID].listing()
        cases = [({**good, "siblings": [{"rfilename": name}]}, "want the name of a file below the folder")
                 for name in ("../evil", "/etc/passwd", "a/../../b", "a\0b", "a\\b", "", "a//b", "x" * 300)]
        negative = json.loads(json.dumps(good))
        negative["siblings"][0]["size"] = -1
        digest = json.loads(json.dumps(good))
        digest["siblings"][0]["blobId"] = "../../x"
        cases += [(negative, "got -1, want 0 to"), (digest, 'got "../../x", want 40 or 64 hexadecimal digits'),
                  ({**good, "sha": "../main"}, 'sha: got "../main", want a commit'),
                  ({"sha": COMMIT}, 'key "siblings" is missing'),
                  ({**good, "siblings": 7}, "siblings: want a list of files")]
        for listing, message in cases:
            self.hub.add_fault("api", ID, Fault(content=json.dumps(listing).encode()))
            self.assertIn(message, self.refused(4))
        for content, message in ((b"<html>", "not valid JSON"), (b"[" * 100000, "nested deeper"),
                                 (b" " * ((32 << 20) + 1), "the reply is too long")):
            self.hub.add_fault("api", ID, Fault(content=content))
            self.assertIn(message, self.refused(4))
        self.assertFalse((self.model / "snapshots").exists())

    def test_endless_headers(self):
        self.hub.add_fault("api", ID, Fault(headers={f"X-{i}": "y" * 1000 for i in range(200)}))
        self.assertIn("the reply has more than 131072 bytes of headers", self.refused(4))

    def test_an_endless_description(self):
        listing = self.hub.repositories[ID].listing()
        listing["siblings"][0]["size"] = 1 << 39
        self.hub.add_fault("api", ID, Fault(content=json.dumps(listing).encode()))
        self.assertIn("want 268435456 at the most", self.refused(4))

    def test_wrong_content(self):
        content = self.hub.repositories[ID].files[WEIGHTS]
        wrong = Fault(content=b"\0" * len(content))
        self.hub.add_fault("storage", WEIGHTS, wrong, wrong)
        message = self.refused(4)
        self.assertIn(f"{WEIGHTS}: the content is wrong; got sha256 {sha256(wrong.content)}, want {sha256(content)}",
                      message)
        blobs = {p.name: p.stat().st_size for p in (self.model / "blobs").iterdir()}
        self.assertEqual(blobs[sha256(content) + ".incomplete"], 0)
        self.assertNotIn(sha256(content), blobs)
        config = self.hub.repositories[ID].files["config.json"]
        self.assertIn(git_sha1(config), blobs)
        self.hub.add_fault("storage", WEIGHTS, wrong)  # once may happen
        self.succeed("download", ID)
        self.check_snapshot()

    def test_wrong_sizes(self):
        size = len(self.hub.repositories[ID].files[WEIGHTS])
        self.hub.add_fault("storage", WEIGHTS, Fault(content=b"<html>log in</html>"))
        self.assertIn(f"{WEIGHTS}: got 19 bytes from the server, want {size}; hint: a proxy or a login page",
                      self.refused(4))
        self.hub.add_fault("storage", WEIGHTS, Fault(headers={"Retry-After": "0"}, length=size + 1))
        self.assertIn(f"got {size + 1} bytes from the server, want {size}", self.refused(4))


class Resumed(HubTest):
    def offsets(self):
        """Where the requests for the weights began."""
        return [int(r.headers.get("Range", "bytes=0-")[6:-1]) for r in self.hub.seen("storage", WEIGHTS)]

    def test_cut_connections(self):
        self.serve_big()
        self.hub.add_fault("storage", WEIGHTS, Fault(cut=1 << 20), Fault(cut=1 << 20))
        self.hub.add_fault("resolve", "config.json", Fault(cut=10))
        self.succeed("download", ID)
        self.check_snapshot()
        self.assertEqual(self.offsets(), [0, 1 << 20, 2 << 20])
        self.assertEqual(self.hub.seen("storage")[1].headers["If-Range"], f'"storage-{len(BIG)}"')

    def test_a_server_without_ranges(self):
        self.serve_big()
        self.hub.add_fault("storage", WEIGHTS, Fault(cut=100_000), Fault(ranges=False))
        self.succeed("download", ID)
        self.check_snapshot()

    def test_a_part_of_another_file(self):
        """What an earlier run left is wrong: found at the end, and fetched anew."""
        self.serve_big()
        (self.model / "blobs").mkdir(parents=True)
        part = self.model / "blobs" / (sha256(BIG) + ".incomplete")
        for content in (b"x" * 1000, b"x" * len(BIG), BIG + b"x"):
            part.write_bytes(content)
            self.succeed("download", ID)
            self.check_snapshot()
            (self.model / "blobs" / sha256(BIG)).unlink()
        part.write_bytes(BIG)  # all came, but its end was not seen
        before = len(self.hub.seen("storage"))
        self.succeed("download", ID)
        self.check_snapshot()
        self.assertEqual(len(self.hub.seen("storage")), before)

    def test_a_changed_etag(self):
        """The part is of a file that the server says has changed since: it sends all of it."""
        self.serve_big()
        self.hub.add_fault("storage", WEIGHTS, Fault(cut=1 << 20), Fault(etag='"new"'))
        self.succeed("download", ID)
        self.check_snapshot()
        self.assertEqual(self.offsets(), [0, 1 << 20])

    def test_slow_and_absent_servers(self):
        """Side by side, since both take their time."""
        self.environment["HF_HUB_DOWNLOAD_TIMEOUT"] = "2"
        self.serve_big()
        self.hub.add_fault("storage", WEIGHTS, Fault(stall=60))
        process, _ = self.start()
        with socket.socket() as deaf:  # it has a port, and does not listen
            deaf.bind(("127.0.0.1", 0))
            nobody = "http://127.0.0.1:%d" % deaf.getsockname()[1]
            # With a cache of its own: it would go on with what the other download has by then.
            self.environment |= {"HF_ENDPOINT": nobody, "HF_HOME": str(self.folder / "other")}
            message = self.refused(5)
        self.assertEqual(message, f"org/name: {nobody}/api/models/org/name/revision/main: the server cannot be "
                         "reached after 5 tries; hint: check the network; the same command goes on from here")
        _, message = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0, message)
        self.check_snapshot()
        self.assertEqual(self.offsets(), [0, len(BIG) // 2])

    def start(self):
        """A download that is in the middle of the weights, which come slowly."""
        process = subprocess.Popen([CORTLAND, "download", ID], cwd=self.folder, env=self.environment, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        part = self.model / "blobs" / (sha256(BIG) + ".incomplete")
        while process.poll() is None and not (part.exists() and part.stat().st_size > 200_000):
            time.sleep(0.005)
        return process, part

    def test_kill_and_interrupt(self):
        self.serve_big()
        size = 0
        for number, code in ((signal.SIGKILL, -9), (signal.SIGINT, 130), (signal.SIGKILL, -9)):
            self.hub.add_fault("storage", WEIGHTS, Fault(pace=0.05))
            process, part = self.start()
            while part.stat().st_size < size + 100_000:
                time.sleep(0.005)
            process.send_signal(number)
            _, message = process.communicate(timeout=20)
            self.assertEqual(process.returncode, code, message)
            if number == signal.SIGINT:
                self.assertIn("cortland: interrupted; what was downloaded stays, and the same command goes on",
                              message)
            self.assertGreater(part.stat().st_size, size)
            size = part.stat().st_size
            self.assertFalse((self.model / "refs").exists())
        # A process that was killed may leave a lock file, which locks nothing.
        self.succeed("download", ID)
        self.check_snapshot()
        self.assertEqual(self.offsets()[-1], size)
        self.assertEqual(len(self.offsets()), 4)

    def test_a_terminal_sees_how_fast_it_goes(self):
        self.serve_big()
        self.hub.add_fault("storage", WEIGHTS, Fault(pace=0.02))
        terminal, slave = pty.openpty()
        process = subprocess.Popen([CORTLAND, "download", ID], cwd=self.folder, env=self.environment,
                                   stdout=subprocess.DEVNULL, stderr=slave)
        os.close(slave)
        seen = b""
        try:
            while piece := os.read(terminal, 4096):
                seen += piece
        except OSError:  # the other end is closed
            pass
        os.close(terminal)
        self.assertEqual(process.wait(), 0, seen)
        self.assertRegex(seen.decode(), r"downloading the weights of org/name \[#+\.*\] \d+ %, [\d.]+ MB of 3\.1 MB, "
                         r"[\d.]+ [kM]B/s, [\d.]+ s left")

    def test_two_at_once(self):
        """The second waits for the first, and asks for nothing that the first has fetched."""
        self.serve_big()
        self.hub.add_fault("storage", WEIGHTS, Fault(pace=0.02))
        first, _ = self.start()
        done = self.run_command("download", ID)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"note: {WEIGHTS} is being downloaded by another program; waiting for it", done.stderr)
        _, message = first.communicate(timeout=20)
        self.assertEqual(first.returncode, 0, message)
        self.check_snapshot()
        self.assertEqual(len(self.offsets()), 1)

    def test_a_full_disk(self):
        listing = self.hub.repositories[ID].listing()
        for entry in listing["siblings"]:
            if entry["rfilename"] == WEIGHTS:
                entry["lfs"]["size"] = 1 << 40
        self.hub.add_fault("api", ID, Fault(content=json.dumps(listing).encode()))
        self.assertRegex(self.refused(5), r"the download needs 1099511627776 bytes more, the disk has \d+ left; hint")
        # A limit on the size of files fails a write as a full disk does.
        self.serve_big()
        limited = subprocess.run(["bash", "-c", 'ulimit -f 1024; exec "$0" download ' + ID, CORTLAND], cwd=self.folder,
                                 env=self.environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(limited.returncode, 5, limited.stderr)
        self.assertIn("cannot write at byte 1048576; File too large; hint: make room", limited.stderr)
        self.succeed("download", ID)
        self.check_snapshot()
        self.assertEqual(self.offsets(), [0, 1 << 20])


if __name__ == "__main__":
    unittest.main()
