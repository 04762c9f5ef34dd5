from data.ledger.tables import STAGES
from qc.reports.people_report import schema


def test_the_reports_schema_knows_every_stage() -> None:
    assert tuple(schema()["$defs"]["stage"]["enum"]) == STAGES
