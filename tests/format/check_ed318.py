#!/usr/bin/env python3
"""What is written as ED-318 must be valid by the schemas of ED-318.

usage: check_ed318.py PROGRAM; skipped (77) without TAFADI_DATA or jsonschema.
"""
import json
import os
import pathlib
import subprocess
import sys
import warnings

warnings.simplefilter("ignore", DeprecationWarning)
try:
    import jsonschema
except ImportError:
    sys.exit(77)


def main():
    data = os.environ.get("TAFADI_DATA")
    if not data:
        return 77
    folder = pathlib.Path(data, "zones", "ed318").resolve()
    schema = json.loads((folder / "Schema_GeoZones.json").read_text())
    resolver = jsonschema.RefResolver(folder.as_uri() + "/Schema_GeoZones.json", schema)
    validator = jsonschema.Draft7Validator(schema, resolver=resolver)

    bad = json.loads((folder / "InvalidExample_GeoZone_2_Layers.json").read_text())
    if validator.is_valid(bad):
        print("the invalid example is not found to be invalid: the check proves nothing")
        return 1
    zones = json.loads(subprocess.run(sys.argv[1:], check=True, stdout=subprocess.PIPE).stdout)
    errors = list(validator.iter_errors(zones))
    for error in errors[:10]:
        print("/".join(str(p) for p in error.absolute_path), error.message[:300])
    print(len(zones["features"]), "features,", len(errors), "errors")
    return 1 if errors or len(zones["features"]) < 25 else 0


sys.exit(main())
