"""usage: validate_record.py SCHEMA RECORD...

Checks record.json files against the published schema. Exit 0 good, 1 bad.
"""
import json
import sys

import jsonschema


def main():
    schema = json.load(open(sys.argv[1]))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    bad = 0
    for record in sys.argv[2:]:
        for error in validator.iter_errors(json.load(open(record))):
            bad += 1
            print(f"{record}: {'/'.join(map(str, error.path))}: {error.message[:200]}")
    print(f"{len(sys.argv) - 2} records, {bad} faults")
    return 1 if bad or len(sys.argv) < 3 else 0


sys.exit(main())
