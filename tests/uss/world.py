"""Two nodes as two USSs over one DSS, each with keys of its own, and a third USS made here, which
behaves as it is told."""
import base64
import http.client
import http.server
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / 'api'), str(HERE.parent / 'line_e2e')]
import harness  # noqa: E402
import openapi  # noqa: E402
import parties  # noqa: E402

SC, CMSA, AA, CP, CM = harness.SC, harness.CMSA, harness.AA, harness.CP, harness.CM
USS = openapi.Document(openapi.SOURCES / 'uss' / 'openapi.json', free=('Error', 'Report', 'AircraftState'))
DIRECT = 'interuss.flight_planning.direct_automated_test'
PLAN = 'interuss.flight_planning.plan'
OIRS = '/dss/v1/operational_intent_references'
CRS = '/dss/v1/constraint_references'


class Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # or what comes at once may have to come again


class Server:
    """An HTTP server on loopback, on a thread; `answer(handler, method, path, body)` returns a
    status and an object, text or None."""

    def __init__(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def handle_any(self):
                size = int(self.headers.get('Content-Length') or 0)
                body = self.rfile.read(size)
                status, result = outer.answer(self, self.command, self.path, body)
                data = (b'' if result is None else result if isinstance(result, bytes)
                        else json.dumps(result).encode())
                try:
                    self.send_response(status)
                    self.send_header('Content-Type', 'application/json')
                    self.send_header('Content-Length', str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)
                except OSError:  # it did not wait
                    pass

            do_GET = do_POST = do_PUT = do_DELETE = handle_any

            def log_message(self, *args):
                pass

        self.server = Listener(('127.0.0.1', 0), Handler)
        self.port = self.server.server_port
        self.url = f'http://127.0.0.1:{self.port}'
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Issuer(Server):
    """Signs tokens by a key of its own; an OAuth 2.0 token endpoint at /oauth/token."""

    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.clients = {}
        self.issued = []
        super().__init__()

    def pem(self):
        return self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    def token(self, sub, scope, aud='127.0.0.1', lifetime=3600):
        now = int(time.time())
        claims = {'sub': sub, 'client_id': sub, 'scope': scope, 'aud': aud, 'nbf': now - 1,
                  'exp': now + lifetime, 'iss': 'test', 'jti': harness.new_id()}
        parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b'=')
                 for part in ({'alg': 'RS256', 'typ': 'JWT'}, claims)]
        signature = self.key.sign(b'.'.join(parts), padding.PKCS1v15(), hashes.SHA256())
        return b'.'.join([*parts, base64.urlsafe_b64encode(signature).rstrip(b'=')]).decode()

    def answer(self, handler, method, path, body):
        form = dict(urllib.parse.parse_qsl(body.decode()))
        if (method, path) != ('POST', '/oauth/token') or \
                self.clients.get(form.get('client_id')) != form.get('client_secret'):
            return 401, {'error': 'invalid_client'}
        self.issued.append(form)
        return 200, {'access_token': self.token(form['client_id'], form['scope'], form['audience']),
                     'token_type': 'Bearer', 'expires_in': 3600}


class Proxy(Server):
    """Before a DSS. `lose`: the next request with this method gets through, its answer does not
    ("after"), or it does not even get through ("before")."""

    def __init__(self, port):
        self.to, self.lose, self.blocked = port, None, False
        super().__init__()

    def answer(self, handler, method, path, body):
        lost = self.lose if self.lose and self.lose[0] == method else None
        if lost:
            self.lose, self.blocked = None, True
        if self.blocked and lost != (method, 'after'):
            return self.drop(handler)
        connection = http.client.HTTPConnection('127.0.0.1', self.to, timeout=120)
        connection.request(method, path, body or None,
                           {name: value for name, value in handler.headers.items()
                            if name in ('Authorization', 'Content-Type')})
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return self.drop(handler) if lost else (answer.status, data)

    def drop(self, handler):
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)
        return 500, None


class Caller:
    """Somebody with tokens of an issuer."""

    def __init__(self, issuer, sub):
        self.issuer, self.sub, self.tokens = issuer, sub, {}

    def call(self, port, method, path, body=None, scope=SC, raw=None, token=None):
        if token is None:
            token = self.tokens.setdefault(scope, self.issuer.token(self.sub, scope))
        connection = http.client.HTTPConnection('127.0.0.1', port, timeout=120)
        data = raw if raw is not None else None if body is None else json.dumps(body)
        begun = time.monotonic()
        connection.request(method, path, data, {'Content-Type': 'application/json',
                                                **({'Authorization': 'Bearer ' + token}
                                                   if token else {})})
        answer = connection.getresponse()
        text = answer.read()
        self.seconds = time.monotonic() - begun
        connection.close()
        result = json.loads(text) if text else None
        if path.startswith(('/uss/', '/flight_planning/')):
            media = answer.headers.get('Content-Type') or ''
            if text:
                USS.check(method, path, answer.status, media, result)
            if answer.status < 300 and isinstance(body, dict):
                USS.check_request(method, path, body)
        return answer.status, result


class Mock(Server):
    """A USS that plans straight in the DSS. `twist(id, answer)` changes details before they go."""

    def __init__(self, issuer, dss_port, sub='mock'):
        self.caller, self.dss_port, self.sub = Caller(issuer, sub), dss_port, sub
        self.intents, self.constraints, self.heard, self.asked = {}, {}, [], []
        self.taken = []  # of what it heard, what it has not refused
        self.twist = None
        self.notices = 204
        super().__init__()

    def answer(self, handler, method, path, body):
        if method == 'POST' and path == '/uss/v1/operational_intents':
            return self.hear(json.loads(body))
        if method == 'GET' and path.startswith('/uss/v1/operational_intents/'):
            id_ = path.rsplit('/', 1)[1]
            self.asked.append(id_)
            if id_ not in self.intents:
                return 404, {'message': 'not known'}
            answer = {'operational_intent': json.loads(json.dumps(self.intents[id_]))}
            return self.twist(id_, answer) if self.twist else (200, answer)
        if method == 'GET' and path.startswith('/uss/v1/constraints/'):
            id_ = path.rsplit('/', 1)[1]
            if id_ not in self.constraints:
                return 404, {'message': 'not known'}
            return 200, {'constraint': self.constraints[id_]}
        if method == 'POST' and path == '/uss/v1/constraints':
            return self.hear(json.loads(body))
        return 404, {'message': 'no'}

    def hear(self, body):
        status = self.notices
        if status == 204:
            self.taken.append(body)
        self.heard.append((time.time(), body))
        return status, None

    def constrain(self, volumes, kind='com.example.test'):
        """A constraint in the DSS, with its details here."""
        id_ = harness.new_id()
        status, result = self.dss('PUT', f'{CRS}/{id_}', {
            'extents': volumes, 'uss_base_url': self.url}, CM)
        assert status == 201, (status, result)
        self.subscribers = result['subscribers']
        self.constraints[id_] = {'reference': result['constraint_reference'],
                                 'details': {'volumes': volumes, 'type': kind}}
        return id_

    def release(self, id_):
        ovn = self.constraints.pop(id_)['reference']['ovn']
        status, result = self.dss('DELETE', f'{CRS}/{id_}/{ovn}', scope=CM)
        assert status == 200, (status, result)

    def dss(self, method, path, body=None, scope=SC):
        return self.caller.call(self.dss_port, method, path, body, scope)

    def put(self, volumes, priority=0, state='Accepted', id_=None, expected=(200, 201)):
        """Plans, with whatever key is needed: it may do what is not allowed."""
        known = self.intents.get(id_)
        id_ = id_ or harness.new_id()
        path = f'{OIRS}/{id_}' + (f'/{known["reference"]["ovn"]}' if known else '')
        off = state in ('Nonconforming', 'Contingent')
        body = {'extents': volumes, 'key': [], 'state': state, 'uss_base_url': self.url,
                'new_subscription': {'uss_base_url': self.url, 'notify_for_constraints': False}}
        for _ in range(3):
            status, result = self.dss('PUT', path, body, CMSA if off else SC)
            if status != 409:
                break
            body['key'] = [self.ovn_of(one) for one in result['missing_operational_intents']]
        assert status in expected, (status, result)
        self.subscribers = result.get('subscribers', [])
        self.intents[id_] = {
            'reference': result['operational_intent_reference'],
            'details': {'volumes': [] if off else volumes, 'priority': priority,
                        'off_nominal_volumes': volumes if off else []}}
        return id_

    def ovn_of(self, reference):
        port = urllib.parse.urlparse(reference['uss_base_url']).port
        if port == self.port:
            return self.intents[reference['id']]['reference']['ovn']
        status, result = self.caller.call(port, 'GET',
                                          f'/uss/v1/operational_intents/{reference["id"]}')
        assert status == 200, (status, result)
        return result['operational_intent']['reference']['ovn']

    def tell(self, id_, port=None, ended=False):
        """Tells the subscribers of the last change; returns what each answered."""
        answers = []
        for subscriber in self.subscribers:
            to = urllib.parse.urlparse(subscriber['uss_base_url']).port
            if to == self.port or port not in (None, to):
                continue
            what, known, scope = (('constraint', self.constraints, CM) if id_ in self.constraints
                                  else ('operational_intent', self.intents, SC))
            body = {what + '_id': id_, 'subscriptions': subscriber['subscriptions']}
            if not ended:
                body[what] = known[id_]
            answers.append(self.caller.call(to, 'POST', f'/uss/v1/{what}s', body, scope)[0])
        return answers

    def delete(self, id_):
        ovn = self.intents.pop(id_)['reference']['ovn']
        status, result = self.dss('DELETE', f'{OIRS}/{id_}/{ovn}')
        assert status == 200, (status, result)
        self.subscribers = result['subscribers']

    def clear(self):
        for id_ in list(self.intents):
            self.delete(id_)
        for id_ in list(self.constraints):
            self.release(id_)
        self.heard, self.taken, self.asked, self.twist, self.notices = [], [], [], None, 204

    def mark_down(self, down, port=None):
        path = f'/dss/v1/uss_availability/{self.sub}'
        _, now = self.dss('GET', path, scope=AA)
        status, result = self.dss('PUT', path, {'availability': 'Down' if down else 'Normal',
                                                'old_version': now['version']}, AA)
        assert status == 200, (status, result)


class Held:
    """A `twist` of details that lets whoever asks wait until it is let go."""

    def __init__(self):
        self.over = threading.Event()

    def __call__(self, id_, answer):
        self.over.wait(600)
        return 500, None


class Uss:
    """A node as a USS, and somebody who plans with it."""

    def __init__(self, party, planner):
        self.party, self.planner = party, planner
        self.flights = []

    @property
    def port(self):
        return self.party.port

    def plan(self, volumes=None, priority=0, usage='Planned', uas='Nominal', style='IfAllowed',
             id_=None, request=None, states=None):
        id_ = id_ or harness.new_id()
        body = {'flight_plan': {'basic_information': {'usage_state': usage, 'uas_state': uas,
                                                      'area': volumes or []},
                                'astm_f3548_21': {'priority': priority}},
                'execution_style': style, 'request_id': request or harness.new_id()}
        if states is not None:
            body['flight_plan']['telemetry'] = {'states': states}
        status, result = self.planner.call(self.port, 'PUT',
                                           f'/flight_planning/v1/flight_plans/{id_}', body, PLAN)
        assert status == 200, (status, result)
        self.flights.append(id_)
        self.notes = result.get('notes', '')
        return id_, (result['planning_result'], result['flight_plan_status'])

    def close(self, id_):
        status, result = self.planner.call(self.port, 'DELETE',
                                           f'/flight_planning/v1/flight_plans/{id_}', scope=DIRECT)
        return status, result

    def clear(self):
        for id_ in self.flights:
            self.close(id_)
        self.flights = []

    def details(self, id_, caller=None):
        return (caller or self.planner).call(self.port, 'GET', f'/uss/v1/operational_intents/{id_}')


class World:
    """north has the DSS and its own issuer; south gets its tokens elsewhere."""

    def __init__(self, binary, with_proxy=False, database=None, operations=None):
        self.issuer = Issuer()
        self.north = parties.Party(binary, 'north')
        self.south = parties.Party(binary, 'south', database=database)
        self.north.cli('token', '--sub', 'x', '--scope', 'x')  # makes the issuer's keys
        with open(self.south.dir + '/client', 'w', encoding='ascii') as file:
            file.write('south.example pa+ss&word\n')
        self.issuer.clients['south.example'] = 'pa+ss&word'
        for party in (self.north, self.south):
            with open(party.dir + '/test.pem', 'wb') as file:
                file.write(self.issuer.pem())
            party.flags = ['--allow-http-base-urls', '--flight-planning', '--uss-base-url', party.url,
                           '--dss-url', self.north.url, '--public-key', party.dir + '/test.pem',
                           '--audience', '127.0.0.1']
        self.south.flags += ['--dss-token-url', self.issuer.url + '/oauth/token',
                             '--dss-token-client', self.south.dir + '/client']
        if operations:
            self.south.flags += ['--uss-operations', operations]
        # north's own keys as a file here, by URL there.
        with open(self.north.dir + '/clients', 'w', encoding='ascii') as file:
            file.write('# nobody\n')
        self.north.flags += ['--public-key', self.north.dir + '/issuer.pub', '--token-endpoint',
                             '--clients', self.north.dir + '/clients']
        self.south.flags += ['--jwks', self.north.url + '/.well-known/jwks.json']
        self.north.start()
        self.proxy = Proxy(self.north.port) if with_proxy else None
        if with_proxy:
            self.south.flags[self.south.flags.index('--dss-url') + 1] = self.proxy.url
        self.south.start()
        planner = Caller(self.issuer, 'planner')
        self.n, self.s = Uss(self.north, planner), Uss(self.south, planner)
        self.mock = Mock(self.issuer, self.north.port)

    def clear(self):
        self.n.clear()
        self.s.clear()
        self.mock.clear()

    def close(self):
        """Both stop in good order, with ledgers that hold."""
        try:
            for party in (self.south, self.north):
                code = party.stop()
                assert code == 0, (code, party.log())
                where = ['--database', party.database[1]] if party.database else []
                done = subprocess.run([party.binary, 'ledger', 'verify', '--json', '--state-dir',
                                       party.dir, *where], capture_output=True, text=True,
                                      check=True)
                assert json.loads(done.stdout)['valid']
        finally:
            self.north.remove()
            self.south.remove()
            self.mock.close()
            self.issuer.close()


def data_dir():
    """TAFADI_DATA's flight intents, or None."""
    path = os.path.join(os.environ.get('TAFADI_DATA', ''), 'flight-intents', 'standard')
    return path if os.environ.get('TAFADI_DATA') and os.path.isdir(path) else None
