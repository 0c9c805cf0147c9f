"""Parties for the tests of lines from end to end: the real binary, over loopback, each with a
state directory, a node, commands and clients of its desk."""
import http.client
import json
import os
import pathlib
import shutil
import ssl
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'api'))
import harness  # noqa: E402
import openapi  # noqa: E402

PASSWORD = 'correct-horse-battery'
ALL = 'admin,head-of-cell,duty-officer,planner,viewer'


def wait_for(what, seconds=120, pause=0.05, say=None):
    """The first true value of what(), or an AssertionError: after so long that a slow machine would
    have come to it, unless fewer seconds are what is tested."""
    deadline = time.monotonic() + seconds
    while True:
        value = what()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f'waited {seconds} s in vain' + (f': {say()}' if say else ''))
        time.sleep(pause)


def quick(binary):
    """The program beside it that hashes passwords at no cost (tests/cli/quick.c)."""
    beside = pathlib.Path(binary).resolve().parents[2] / 'tests' / 'cli' / 'tafadi_quick'
    return str(beside) if beside.exists() else binary


class Party:
    """A party with its state directory; start() runs its node."""

    def __init__(self, binary, name, url='http', database=None, flags=(), shared_with=None,
                 with_passwords=False):
        """url: http, https, or None (it polls). shared_with: another node of the same party.
        with_passwords: they are hashed as for people, which takes a second."""
        self.binary, self.id, self.flags = binary, f'{name}.example', list(flags)
        self.dir = tempfile.mkdtemp(prefix=f'tafadi-{name}-')
        self.port = harness.free_port()
        self.url = f'{url}://127.0.0.1:{self.port}' if url else None
        self.tls = url == 'https'
        self.database = ['--party-database', database] if database else []
        self.node = None
        self.token = None
        if shared_with:
            for file in ('party.key', 'party.card'):
                shutil.copy(os.path.join(shared_with.dir, file), self.dir)
            return
        with open(self.dir + '/password', 'w', encoding='ascii') as file:
            file.write(PASSWORD + '\n')
        by = binary if with_passwords else quick(binary)
        self.cli('party', 'init', '--id', self.id, '--title', f'Cell {name}', '--password-file',
                 self.dir + '/password', *(['--url', self.url] if url else []), by=by)
        self.cli('account', 'add', 'all', '--roles', ALL, '--password-file', self.dir + '/password',
                 by=by)

    def cli(self, *args, code=0, stdin=None, by=None):
        """Runs a command; what it prints, as JSON if it is."""
        done = subprocess.run([by or self.binary, *args, '--state-dir', self.dir, *self.database],
                              input=stdin, capture_output=True, text=True, check=False, timeout=120)
        if done.returncode != code:
            raise AssertionError(f'{args}: exit {done.returncode}: {done.stdout}{done.stderr}')
        text = done.stdout if code == 0 else done.stderr
        return json.loads(text) if '--json' in args and code == 0 else text

    def start(self):
        self.node = harness.Node.__new__(harness.Node)
        self.node.binary, self.node.own_dir, self.node.dir = self.binary, False, self.dir
        self.node.wrapper, self.node.tokens = [], {}
        self.node.flags = ['--no-access-log', '--allow-http-peers', *self.database, *self.flags]
        self.node.start_at(f'127.0.0.1:{self.port}')
        return self

    def kill(self):
        self.node.kill()
        self.node.pump.wait(60)

    def stop(self):
        code = 0
        if self.node and self.node.process.poll() is None:
            code = self.node.stop(remove=False)
        return code

    def log(self):
        self.node.log.seek(0)
        return self.node.log.read()

    def remove(self):
        if self.node and self.node.process.poll() is None:
            self.kill()
        shutil.rmtree(self.dir, ignore_errors=True)

    def desk(self, roles=ALL):
        """A client with a token of the operator "all"."""
        token = self.cli('account', 'token', 'all', '--roles', roles, '--json')['token']
        return Desk(self, token)

    def verify(self):
        """The ledger, whole."""
        return self.cli('ledger', 'verify', '--json')

    def cli_database(self, *args):
        """A command that names the database in its own way."""
        done = subprocess.run([self.binary, *args, '--state-dir', self.dir, '--database',
                               self.database[1]], capture_output=True, text=True, check=True)
        return json.loads(done.stdout)


class Desk:
    """A program at a party's desk, by token or by cookie. Every answer is held against the
    document. With `repeats`, a request whose connection breaks is sent once more, as clients do whose
    idle connection was closed: not for those who must know what they have asked, and how often."""

    def __init__(self, party, token=None, repeats=True):
        self.party, self.token, self.cookie, self.csrf = party, token, None, None
        self.connection, self.repeats = None, repeats

    def connect(self):
        if not self.party.tls:
            return http.client.HTTPConnection('127.0.0.1', self.party.port, timeout=120)
        trust = ssl.create_default_context()
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection('127.0.0.1', self.party.port, timeout=120, context=trust)

    def headers(self):
        made = {'Content-Type': 'application/json'}
        if self.token:
            made['Authorization'] = 'Bearer ' + self.token
        if self.cookie:
            made['Cookie'] = self.cookie
        if self.csrf:
            made['X-CSRF-Token'] = self.csrf
        return made

    def call(self, method, path, body=None, raw=None, headers=None):
        data = raw if raw is not None else None if body is None else json.dumps(body)
        for attempt in (0, 1):
            try:
                self.connection = self.connection or self.connect()
                self.connection.request(method, path, data, {**self.headers(), **(headers or {})})
                answer = self.connection.getresponse()
                text = answer.read()
                break
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self.connection = None
                if attempt or not self.repeats:
                    raise
        if answer.headers.get('Connection') == 'close':
            self.connection = None
        self.answer = answer
        media = answer.headers.get('Content-Type', '')
        result = json.loads(text) if 'json' in media and text else text
        openapi.DESK.check(method, path, answer.status, media, result)
        if answer.status < 300 and isinstance(body, dict):
            openapi.DESK.check_request(method, path, body)
        return answer.status, result

    def get(self, path):
        status, result = self.call('GET', path)
        assert status == 200, (path, status, result)
        return result

    def post(self, path, body, expected=201):
        status, result = self.call('POST', path, body)
        assert status == expected, (path, status, result)
        return result

    def log_in(self, name='all', password=PASSWORD, expected=200):
        status, result = self.call('POST', '/api/v1/session', {'name': name, 'password': password})
        assert status == expected, (status, result)
        if status == 200:
            self.cookie = self.answer.headers['Set-Cookie'].split(';')[0]
            self.csrf = result['csrf']
        return result

    # --- the line to the only other party ---------------------------------------------------

    def line(self):
        lines = self.get('/api/v1/lines')['lines']
        return lines[0] if lines else None

    def messages(self, own=0, after=0):
        return self.get(f'/api/v1/lines/{self.line()["id"]}/messages?own={own}&after={after}'
                        '&limit=500')['messages']

    def say(self, type_, body, role='duty-officer', expected=201, **more):
        result = self.post(f'/api/v1/lines/{self.line()["id"]}/messages',
                           {'type': type_, 'role': role, 'body': body, **more}, expected)
        return result['messages'][0] if expected == 201 else result

    def alarms(self, kind=None, cleared=0):
        found = self.get(f'/api/v1/alarms?cleared={cleared}')['alarms']
        return [one for one in found if kind in (None, one['kind'])]


def exchange_cards(one, two):
    for a, b in ((one, two), (two, one)):
        card = a.cli('party', 'card')
        b.cli('party', 'add', '-', stdin=card)


def open_line(one, two):
    for a, b in ((one, two), (two, one)):
        a.cli('line', 'open', b.id)


def await_open(*desks):
    for desk in desks:
        wait_for(lambda: (desk.line() or {}).get('state') == 'open', say=desk.line)


def memorandum(party, **changes):
    """A document from the template, with what is changed."""
    other = party.cli('line', 'list', '--json')['lines'][0]['peer']
    document = json.loads(party.cli('line', 'memo', 'template', other))
    document.update(changes)
    return json.dumps(document)


def agree(one, two, one_desk, two_desk, **changes):
    one_desk.say('memo.propose', {'document': memorandum(one, **changes)}, role='head-of-cell')
    path = f'/api/v1/lines/{two_desk.line()["id"]}/memoranda'
    theirs = wait_for(lambda: [m for m in two_desk.get(path)['memoranda'] if not m['own_signed']])
    two_desk.say('memo.accept', {'document': theirs[0]['hash']}, role='head-of-cell')
    for desk in (one_desk, two_desk):
        wait_for(lambda: desk.line()['memorandum'] == theirs[0]['number'])


class Two:
    """Two parties with an open line."""

    def __init__(self, binary, flags=(), **kinds):
        self.north = Party(binary, 'north', kinds.get('north', 'http'), flags=flags)
        self.south = Party(binary, 'south', kinds.get('south', 'http'))
        exchange_cards(self.north, self.south)
        self.north.start()
        self.south.start()
        self.n, self.s = self.north.desk(), self.south.desk()
        open_line(self.north, self.south)
        await_open(self.n, self.s)

    def close(self):
        for party in (self.north, self.south):
            party.remove()


def texts(messages):
    return [m['message']['body']['text'] for m in messages if m['type'] == 'text']
