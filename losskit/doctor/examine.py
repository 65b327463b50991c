"""The doctor's pipeline: run the script, find causes, prescribe, try, and write what has helped."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from losskit.doctor.bench import Bench
from losskit.doctor.finding import Diagnosis
from losskit.doctor.observe import Observation, observe
from losskit.doctor.patch import Patch, shown, write_atomically
from losskit.doctor.ranking import diagnose
from losskit.doctor.treatment import Case, Treatment
from losskit.recording.recording import Recording

LEAST_BUDGET = 60.0  # seconds
RUNS_IN_BUDGET = 10


def examine(
    script: str,
    arguments: Sequence[str] = (),
    *,
    fix: bool = False,
    seeds: int = 3,
    budget: float | None = None,
    output: str | None = None,
    say: Callable[[str], None] = lambda line: None,
    observation: Observation | None = None,
) -> Diagnosis:
    """Run a training script, unchanged, and say what is wrong with its training.

    With `fix`, remedies are tried in paired runs with `seeds` seeds, for at most `budget` seconds (default: ten times
    the script's own run, at least 60 s); what has helped is in the diagnosis, and written to `output` when that is
    given. The script runs in the current folder, its trials in temporary copies. `say` hears what is being done.
    `observation`: what `observe(script, arguments)` has given, where the script has been run already.
    """
    case = Case(Path(script).resolve(), Path.cwd())
    notes: list[str] = []
    observation = observation or observe(script, arguments)
    recording = observation.recording
    found = case.prescribe(diagnose(recording, notes.append), recording, Patch(), notes.append)
    notes += _blind_spots(script, observation)
    treatment = None
    patched = None
    if fix and any(one.remedies for finding in found for one in (finding, *finding.symptoms)):
        budget = budget if budget is not None else max(LEAST_BUDGET, RUNS_IN_BUDGET * observation.seconds)
        with Bench(script, arguments, observation.training_began) as bench:
            treatment = Treatment(case, bench, found, range(seeds), budget, observation.seconds, say, notes.append)
            try:
                treatment.run()
            except OSError as error:  # the disk is full, for example: what was found and tried by then is told
                notes.append(f"The trials ended early: {error}")
            if bench.refused:
                notes.append(f"A trial may not change the user's files: {', '.join(sorted(bench.refused))} was not.")
        if output is not None and treatment.accepted.files:
            patched = _write(treatment.accepted, Path(output), case, observation.started, notes.append)
        notes += _remaining(treatment)
    elif fix:
        notes.append("There is no remedy to try." if found else "Nothing was found, so there is nothing to fix.")
    accepted = treatment.accepted if treatment is not None else Patch()
    return Diagnosis(
        script=script,
        framework=recording.framework,
        exit=observation.exit,
        metric=recording.metric,
        overhead=_overhead(recording),
        findings=treatment.findings if treatment is not None else found,
        recording=recording,
        patched_source=_accepted_text(accepted, case),
        patched=patched,
        diff=accepted.diff(case.folder) or None,
        final_trial=treatment.final_trial if treatment is not None else None,
        notes=tuple(dict.fromkeys(notes)),
    )


def _write(accepted: Patch, output: Path, case: Case, started: float, note: Callable[[str], None]) -> str | None:
    """Write the changed file, or of several (and to a name like cure.patch) the diff; where it went, None: nowhere."""
    as_diff = output.suffix in (".patch", ".diff")
    if len(accepted.files) > 1 and not as_diff:
        as_diff, output = True, output.with_suffix(".patch")
        note(f"The cure changes {len(accepted.files)} files, so it comes as a diff: apply it with `patch -p1`.")
        if output.exists():  # not a name that was given to us
            note(f"{output} is there already, so it was not overwritten.")
            return None
    (file, content), *_ = accepted.contents().items()
    if output.exists() and output.stat().st_mtime > started:
        note(f"{output} was changed while the trials ran, so it was not overwritten.")
        return None
    try:
        if as_diff:
            write_atomically(output, accepted.diff(case.folder).encode())
        else:
            write_atomically(output, content, like=file)
            if file != case.script:
                note(f"{output} is {shown(file, case.folder)} with the change, not the script, which stays as it is.")
    except OSError as error:
        note(f"The patched script could not be written: {error}")
        return None
    return str(output)


def _accepted_text(accepted: Patch, case: Case) -> str | None:
    match accepted.files:
        case ():
            return None
        case ((_, text),):
            return text
    return accepted.diff(case.folder)


def _overhead(recording: Recording) -> float | None:
    """Watching's share of the time that training would have taken without it, after the steps it began with."""
    end = recording.end
    if end is None:
        return None
    probe, training = end.probe_seconds - end.warm_up_probe_seconds, end.training_seconds - end.warm_up_seconds
    return probe / (training - probe) if training > probe else None


def _blind_spots(script: str, observation: Observation) -> list[str]:
    """What kept the doctor from seeing a whole healthy run."""
    recording, status = observation.recording, observation.exit
    notes = [event.message for event in recording.events if event.kind == "blind"]
    if observation.signal is not None:
        notes.append(f"{script} was ended by {_signal_name(observation.signal)}.")
    elif status:
        notes.append(f"{script} itself failed with exit status {status}{_last_line(recording)}.")
    if not (recording.progress.steps or recording.loss_calls or recording.signals):
        notes.append(f"No training was seen: {script} made no optimizer step with PyTorch and no Keras fit.")
    return notes


def _last_line(recording: Recording) -> str:
    text = recording.end.traceback if recording.end else None
    return f": {text.strip().splitlines()[-1]}" if text else ""


def _signal_name(number: int) -> str:
    hint = " (often: out of memory)" if number == 9 else ""
    try:
        return f"{signal.Signals(number).name}{hint}"
    except ValueError:
        return f"signal {number}"


def _remaining(treatment: Treatment) -> list[str]:
    """Which findings are still there after the accepted changes."""
    if not treatment.cures:
        return ["No remedy made the task metric better beyond seed noise, so nothing is changed."]
    codes = [f"{finding.code} {finding.name}" for finding in treatment.remaining]
    return [f"With the accepted changes the doctor still finds {', '.join(codes)}."] if codes else []


__all__ = ["examine"]
