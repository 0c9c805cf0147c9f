"""Runs nodes for the API tests: the real binary, over loopback, on either engine.

Embedded by default. With --engine cluster a private PostgreSQL is started in a
temporary directory and stopped afterwards.
"""
import datetime
import fcntl
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid

import openapi

SC = 'utm.strategic_coordination'
CMSA = 'utm.conformance_monitoring_sa'
CM = 'utm.constraint_management'
CP = 'utm.constraint_processing'
AA = 'utm.availability_arbitration'
READ1 = 'dss.read.identification_service_areas'
WRITE1 = 'dss.write.identification_service_areas'
DP = 'rid.display_provider'
SP = 'rid.service_provider'


def free_port():
    """A port that nobody has at present, below those that connections take by themselves; and that no
    other test takes while this process lives, though nothing listens there yet, or not always."""
    for _ in range(1000):
        port = random.randrange(15000, 32000)
        mark = socket.socket()
        with socket.socket() as tried:
            try:
                mark.bind(('127.77.77.77', port))  # another address of this machine
                tried.bind(('127.0.0.1', port))
                mark.detach()  # stays open
                return port
            except OSError:
                mark.close()
    raise RuntimeError('no free port')


def children_of(parent):
    for entry in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{entry}/stat', encoding='utf-8', errors='replace') as file:
                text = file.read()
        except OSError:  # no process, or not any more
            continue
        if int(text.rsplit(')', 1)[1].split()[1]) == parent:
            yield int(entry)


class Postgres:
    """A private PostgreSQL server on a loopback port of its own, with a pool's databases or those
    that are named; or the standby of another one, which repeats what that does. Processes are
    killed here, never the system: what they have written stays, so nothing waits for the disk,
    unless `sync` says so."""

    def __init__(self, primary=None, databases=('scd', 'rid', 'aux'), sync=False):
        self.dir = tempfile.mkdtemp(prefix='tafadi-pg-')
        self.bin = sorted(d for d in (f'/usr/lib/postgresql/{v}/bin' for v in range(13, 20))
                          if os.path.exists(d + '/initdb'))[-1]
        self.options = '' if sync else ' -c fsync=off'
        if os.geteuid() == 0:
            shutil.chown(self.dir, 'postgres')
        if primary:
            self.run('pg_basebackup', '-D', self.dir + '/data', '-R', '-N', '-c', 'fast', '-d',
                     primary.dsn('postgres') + ' application_name=standby')
        else:
            self.make_cluster(self.dir + '/data')
        for tries in range(5):
            self.port = free_port()
            try:
                self.start()
                break
            except subprocess.CalledProcessError:  # the port has been taken meanwhile
                if tries == 4:
                    raise
        for name in () if primary else databases:
            self.sql('postgres', f'CREATE DATABASE {name}')

    def make_cluster(self, data):
        """What initdb makes: once for all tests of a run, if TAFADI_TEST_CLUSTER names a folder
        for it; then each gets a copy."""
        shared = os.environ.get('TAFADI_TEST_CLUSTER')
        if not shared:
            return self.initdb(data)
        with open(shared + '/lock', 'w', encoding='ascii') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not os.path.exists(shared + '/data'):
                self.initdb(data)
                shutil.copytree(data, shared + '/new')
                os.rename(shared + '/new', shared + '/data')
                return None
        shutil.copytree(shared + '/data', data)
        if os.geteuid() == 0:
            for folder, _, files in os.walk(data):
                for name in ('.', *files):
                    shutil.chown(os.path.join(folder, name), 'postgres')
        return None

    def initdb(self, data):
        # Of a locale that every system has, whatever the environment names.
        self.run('initdb', '-N', '--locale=C', '-E', 'UTF8', '-D', data, '-A', 'trust', '-U', 'tafadi')

    def run(self, *command):
        command = [self.bin + '/' + command[0], *command[1:]]
        if os.geteuid() == 0:  # the server refuses to run as root
            command = ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd='/')

    def sql(self, database, statement):
        """What it answers, as text: rows in lines."""
        return subprocess.run(['psql', '-qAt', '-v', 'ON_ERROR_STOP=1', '-d', self.dsn(database), '-c',
                               statement], check=True, capture_output=True, text=True).stdout.strip()

    def start(self):
        self.run('pg_ctl', '-D', self.dir + '/data', '-l', self.dir + '/log', '-w', '-t', '180', '-o',
                 f'-p {self.port} -k {self.dir} -c listen_addresses=127.0.0.1{self.options}', 'start')
        self.runs = True

    def restart(self):
        self.run('pg_ctl', '-D', self.dir + '/data', '-m', 'immediate', '-w', 'stop')
        self.start()

    def kill(self):
        """All of its processes at once, as when the machine is gone."""
        with open(self.dir + '/data/postmaster.pid', encoding='ascii') as file:
            first = int(file.readline())
        os.kill(first, signal.SIGSTOP)  # makes no new ones
        for pid in (*children_of(first), first):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.runs = False

    def promote(self):
        self.run('pg_ctl', '-D', self.dir + '/data', '-w', '-t', '180', 'promote')

    def await_standby(self):
        """From now on a commit is one of the standby too."""
        self.sql('postgres', "ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        self.sql('postgres', 'SELECT pg_reload_conf()')
        deadline = time.monotonic() + 120
        while self.sql('postgres', 'SELECT sync_state FROM pg_stat_replication') != 'sync':
            if time.monotonic() > deadline:
                raise RuntimeError('the standby does not follow')
            time.sleep(0.05)

    def dsn(self, name):
        return f'host=127.0.0.1 port={self.port} user=tafadi dbname={name}'

    def stop(self):
        if self.runs:
            self.run('pg_ctl', '-D', self.dir + '/data', '-m', 'immediate', '-w', 'stop')
        shutil.rmtree(self.dir, ignore_errors=True)


class Pair:
    """A primary and its standby as one address."""

    def __init__(self, primary, standby):
        self.ports = f'{primary.port},{standby.port}'

    def dsn(self, name):
        return f'host=127.0.0.1,127.0.0.1 port={self.ports} user=tafadi dbname={name}'


class Node:
    """One `tafadi serve`, and its clients' tokens."""

    def __init__(self, binary, postgres=None, state_dir=None, flags=(), wrapper=()):
        self.binary = binary
        self.own_dir = state_dir is None
        self.dir = state_dir or tempfile.mkdtemp(prefix='tafadi-node-')
        self.flags = ['--no-access-log', *flags]
        self.wrapper = list(wrapper)
        if postgres:
            for name in ('scd', 'rid', 'aux'):
                self.flags += [f'--{name}-database', postgres.dsn(name)]
        self.tokens = {}
        self.process = None
        self.start()

    def start(self):
        self.start_at('127.0.0.1:0')

    def start_at(self, address):
        self.process = subprocess.Popen(
            [*self.wrapper, self.binary, 'serve', '--listen', address, '--state-dir', self.dir,
             *self.flags], stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        while line.startswith('{'):  # what it logs before it listens
            line = self.process.stderr.readline()
        if '://' not in line:
            raise RuntimeError('the node did not start: ' + line + self.process.stderr.read())
        self.port = int(line.rsplit(':', 1)[1])
        self.log = tempfile.TemporaryFile('w+')
        # Keep the pipe from filling up.
        self.pump = subprocess.Popen(['cat'], stdin=self.process.stderr, stdout=self.log)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, remove=True):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(120)
        self.pump.wait(60)
        if remove and self.own_dir:
            shutil.rmtree(self.dir, ignore_errors=True)
        return code

    def token(self, sub, scopes, **more):
        key = (sub, scopes, tuple(more.items()))
        if key not in self.tokens:
            flags = [part for name, value in more.items() for part in ('--' + name, value)]
            made = subprocess.run([self.binary, 'token', '--state-dir', self.dir, '--sub', sub,
                                   '--scope', scopes, *flags], check=True, capture_output=True,
                                  text=True)
            self.tokens[key] = made.stdout.strip()
        return self.tokens[key]


class Client:
    """A USS: one connection, one token."""

    def __init__(self, node, sub='uss1', scopes=f'{SC} {CMSA}', token=None):
        self.node = node
        self.sub = sub
        self.token = node.token(sub, scopes) if token is None else token
        self.connection = None

    def call(self, method, path, body=None, raw=None, headers=None):
        """(status, JSON or text). Reconnects once if the server has closed an idle connection."""
        send = {'Content-Type': 'application/json', **(headers or {})}
        if self.token:
            send.setdefault('Authorization', 'Bearer ' + self.token)
        data = raw if raw is not None else None if body is None else json.dumps(body)
        for attempt in (0, 1):
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection('127.0.0.1', self.node.port,
                                                                 timeout=120)
                self.connection.request(method, path, data, send)
                answer = self.connection.getresponse()
                text = answer.read().decode()
                break
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self.connection = None
                if attempt:
                    raise
        self.headers = answer.headers
        if answer.headers.get('Connection') == 'close':
            self.connection = None
        media = answer.headers.get('Content-Type', '')
        result = json.loads(text) if 'json' in media and text else text
        openapi.check(method, path, answer.status, media, result)
        if answer.status < 300 and isinstance(body, dict):
            openapi.check_request(method, path, body)
        return answer.status, result

    def get(self, path):
        return self.call('GET', path)

    def put(self, path, body):
        return self.call('PUT', path, body)

    def post(self, path, body):
        return self.call('POST', path, body)

    def delete(self, path):
        return self.call('DELETE', path)


def is_sanitized(binary):
    with open(binary, 'rb') as file:
        return re.search(rb'__[at]san_init', file.read()) is not None


def new_id():
    return str(uuid.uuid4())


def uuid7(offset_s=0):
    ms = int((time.time() + offset_s) * 1000)
    value = (ms << 80) | (7 << 76) | (uuid.uuid4().int & ((1 << 76) - 1))
    value = (value & ~(3 << 62)) | (2 << 62)
    return str(uuid.UUID(int=value))


def at(seconds):
    """Now + seconds, to the microsecond."""
    t = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return t.strftime('%Y-%m-%dT%H:%M:%S.%fZ')


def when(seconds):
    return {'value': at(seconds), 'format': 'RFC3339'}


def altitude(metres):
    return {'value': metres, 'reference': 'W84', 'units': 'M'}


def square(lat=34.0, lng=-118.0, size=0.001):
    return {'vertices': [{'lat': lat, 'lng': lng}, {'lat': lat, 'lng': lng + size},
                         {'lat': lat + size, 'lng': lng + size}, {'lat': lat + size, 'lng': lng}]}


def volume(lat=34.0, lng=-118.0, size=0.001, lower=0, upper=100, start=60, end=3600, outline=None):
    return {'volume': {'outline_polygon': outline or square(lat, lng, size),
                       'altitude_lower': altitude(lower), 'altitude_upper': altitude(upper)},
            'time_start': when(start), 'time_end': when(end)}


def circle(lat, lng, radius):
    return {'center': {'lat': lat, 'lng': lng}, 'radius': {'value': radius, 'units': 'M'}}


def oir(extents=None, state='Accepted', key=(), url='https://uss1.example/uss', **more):
    return {'extents': extents or [volume()], 'state': state, 'key': list(key),
            'uss_base_url': url, **more}


def fresh(url='https://uss1.example/uss', constraints=False):
    return {'new_subscription': {'uss_base_url': url, 'notify_for_constraints': constraints}}


def arguments():
    """(binary, engine); leaves the rest of argv to unittest."""
    binary = sys.argv.pop(1)
    engine = 'embedded'
    if len(sys.argv) > 1 and sys.argv[1] in ('embedded', 'cluster'):
        engine = sys.argv.pop(1)
    return binary, engine
