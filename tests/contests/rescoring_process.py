"""A process that re-scores, on the database and the ledger of a test, until it is killed or done.

`python rescoring_process.py DATABASE LEDGER-URL VERSION in-place|beside` says a line for every range done.
"""

from __future__ import annotations

import sys
import time


def main(database: str, ledger_url: str, version_id: int, how: str) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    connection.settings_dict["NAME"] = database
    settings.LEDGER_URL = ledger_url
    from tradeshall.contests import ports
    from tradeshall.contests.actions.rescoring import build_version
    from tradeshall.contests.models import ResultsVersion, Standing
    from tradeshall.contests.queries.appeals import sealed_pack
    from tradeshall.engine.rescoring import ranges
    from tradeshall.engine.rescoring_processes import job_of, rescored_in

    version = ResultsVersion.objects.select_related("round").get(pk=version_id)

    def told(_version: object) -> None:
        print("range", flush=True)
        time.sleep(0.05)

    if how == "beside":
        build_version(version=version, processes=1, told=told)
    else:  # the control: where everybody reads
        job = job_of(ledger_url, sealed_pack(version.round).to_bytes(), version.corrections)
        for changed in rescored_in(job, ranges(version.ranges), ledger=ports.ledger(), processes=1):
            for one in changed:
                Standing.objects.filter(entrant__number=one.participant).update(score_points=one.points)
            told(version)
    print("done", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
