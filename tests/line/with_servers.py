"""Runs a test program with two private, empty PostgreSQL databases, one for each party."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../api'))
from harness import Postgres  # noqa: E402

server = Postgres(databases=['north', 'south'])
try:
    env = dict(os.environ, TAFADI_TEST_DATABASE=server.dsn('north'),
               TAFADI_TEST_DATABASE_2=server.dsn('south'))
    sys.exit(subprocess.run(sys.argv[1:], env=env, check=False).returncode)
finally:
    server.stop()
