"""Print every record of a Croissant file as JSON, by its set, and what its library says: FILE.

Runs in an environment of its own.
"""

import json
import sys

import mlcroissant

dataset = mlcroissant.Dataset(jsonld=sys.argv[1])


def plain(value):
    return (
        value.decode()
        if isinstance(value, bytes)
        else None
        if value is None
        else getattr(value, "item", lambda: value)()
    )


records = {
    one.uuid: [
        {key.rpartition("/")[2]: plain(value) for key, value in record.items()}
        for record in dataset.records(one.uuid)
    ]
    for one in dataset.metadata.record_sets
}
issues = dataset.metadata.ctx.issues
print(json.dumps({"records": records, "errors": sorted(issues.errors), "warnings": sorted(issues.warnings)}))
