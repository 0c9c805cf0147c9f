"""Runs a test program with TAFADI_TEST_DATABASE naming a private, empty PostgreSQL database."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../api'))
from harness import Postgres  # noqa: E402

server = Postgres(databases=['party'])
try:
    env = dict(os.environ, TAFADI_TEST_DATABASE=server.dsn('party'))
    sys.exit(subprocess.run(sys.argv[1:], env=env, check=False).returncode)
finally:
    server.stop()
