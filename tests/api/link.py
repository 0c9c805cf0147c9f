"""A client's connection that never repeats a request: for tests that must know what was asked."""
import http.client
import json


class Lost(Exception):
    """No answer came: whether the request was applied is not known."""


class Link:
    def __init__(self, node, sub, scopes):
        self.node = node
        self.headers = {'Authorization': 'Bearer ' + node.token(sub, scopes),
                        'Content-Type': 'application/json'}
        self.connection = None

    def call(self, method, path, body=None):
        """(status, JSON or text). Raises Lost."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection('127.0.0.1', self.node.port,
                                                             timeout=120)
            self.connection.request(method, path, None if body is None else json.dumps(body),
                                    self.headers)
            answer = self.connection.getresponse()
            text = answer.read()
        except (http.client.HTTPException, OSError) as e:
            self.close()
            raise Lost(str(e)) from e
        if answer.headers.get('Connection') == 'close':
            self.close()
        is_json = 'json' in answer.headers.get('Content-Type', '')
        return answer.status, json.loads(text) if is_json else text.decode()

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None
