"""Apply the doctor's rules to logs of runs that have been.

Reads losskit recordings, CSV (Keras CSVLogger, Lightning metrics.csv) and trainer_state.json. A log tells less than a
watched run, so fewer rules can speak.

exit status: 0 nothing found · 1 warnings or errors found · 2 wrong use, or a file that is no log
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from losskit.cli.formats import FORMATS, put_out, status

if TYPE_CHECKING:
    from losskit.doctor.finding import Diagnosis

NAME = "check"
SUMMARY = "apply the same rules to existing logs"
USAGE = "losskit check LOG… [--format text|json|sarif|github]"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("logs", metavar="LOG", nargs="+", help="a training log")
    parser.add_argument("--format", choices=FORMATS, default="text", help="of the diagnosis (default text)")


def run(options: argparse.Namespace) -> int:
    diagnoses: list[Diagnosis] = []
    for log in options.logs:
        try:
            diagnoses.append(diagnosis_of(log))
        except (OSError, ValueError) as error:
            options.fail(str(error))
    from losskit.report.json import VERSION, document

    logs = {"version": VERSION, "diagnoses": [document(diagnosis) for diagnosis in diagnoses]}
    put_out(diagnoses, logs, options.format)
    return status(diagnoses)


def diagnosis_of(log: str) -> Diagnosis:
    """What the rules find in a log. Raises OSError or ValueError for a file that cannot be read as one."""
    from losskit.doctor.finding import Diagnosis
    from losskit.doctor.ranking import diagnose
    from losskit.recording.readers import read

    recording = read(log)
    notes: list[str] = []
    return Diagnosis(
        script=log,
        framework=recording.framework,
        exit=recording.end.exit if recording.end else 0,
        metric=recording.metric,
        overhead=None,
        findings=diagnose(recording, notes.append),
        recording=recording,
        notes=tuple(notes),
    )


__all__ = ["NAME", "SUMMARY", "USAGE", "add_arguments", "diagnosis_of", "run"]
