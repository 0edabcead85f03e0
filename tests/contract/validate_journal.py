"""usage: validate_journal.py SCHEMA_FOLDER JOURNAL...

Checks journals against the JSON schemas of OCP Test & Validation 2.0. Exit 0 good, 1 bad lines, 77 no schemas there.
"""
import glob
import json
import os
import sys
import warnings

warnings.simplefilter("ignore")
import jsonschema


def main():
    folder, journals = sys.argv[1], sys.argv[2:]
    schemas = [json.load(open(path)) for path in glob.glob(folder + "/*.json")]
    if not schemas:
        print("skipped: no OCP schemas at " + folder)
        return 77
    store = {schema["$id"]: schema for schema in schemas}
    top = next(schema for schema in schemas if schema["$id"].endswith("/output"))
    resolver = jsonschema.RefResolver(top["$id"], top, store=store)
    validator = jsonschema.Draft202012Validator(top, resolver=resolver)
    bad = lines = 0
    for journal in journals:
        for number, line in enumerate(open(journal), 1):
            lines += 1
            for error in validator.iter_errors(json.loads(line)):
                bad += 1
                print(f"{journal}:{number}: {error.message[:200]}")
    print(f"{lines} lines, {bad} faults")
    return 1 if bad or not lines else 0


sys.exit(main())
