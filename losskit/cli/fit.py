"""Train a model on a table or a named data set: task, loss with reasons, scores, loss curve and report.

DATA is a CSV or Parquet file, or one of: boston, breast_cancer, diabetes, digits, mnist, fashion_mnist (no --target).
The data are split at random into training, validation and test parts (70, 15, 15 %). The folder given by --out gets
report.html, recording.jsonl, loss_curve.csv and model.pt.

exit status: 0 trained · 2 wrong use, or data that cannot be used · 130 interrupted: what was trained is written
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from losskit.choose import Advice
    from losskit.core.loss import Loss
    from losskit.training.table import TableFit

NAME = "fit"
SUMMARY = "train a model on a table or a named data set"
USAGE = "losskit fit DATA [--target COL] [--loss NAME] [--model linear|mlp|cnn] [options]"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", metavar="DATA")
    parser.add_argument("--target", metavar="COL", help="the column to predict")
    parser.add_argument("--loss", metavar="NAME", help="a loss of the catalogue (default: chosen from the data)")
    parser.add_argument("--model", metavar="NAME", help="linear, mlp or cnn (default: cnn for images, else mlp)")
    parser.add_argument(
        "--optimizer", metavar="NAME", default="adam", help="gradient_descent, sgd, momentum, nesterov, …"
    )
    parser.add_argument("--learning-rate", metavar="RATE", type=float, help="(default: the optimizer's customary one)")
    parser.add_argument("--schedule", metavar="NAME", default="constant", help="constant, cosine, linear, step, …")
    parser.add_argument("--epochs", metavar="N", type=int, default=50)
    parser.add_argument("--batch-size", metavar="N", type=int, default=32)
    parser.add_argument("--weight-decay", metavar="λ", type=float, default=0.0)
    parser.add_argument("--clip", metavar="NORM", type=float, help="clip the gradient to this norm")
    parser.add_argument("--patience", metavar="N", type=int, default=10, help="epochs without a better validation loss")
    parser.add_argument("--stop-below", metavar="LOSS", type=float, help="stop once the training loss is below this")
    parser.add_argument("--seed", metavar="N", type=int, default=0)
    parser.add_argument("--out", metavar="DIR", type=Path, default=Path("losskit-fit"), help="(default: losskit-fit)")


def run(options: argparse.Namespace) -> int:
    try:
        return _fit(options)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("losskit"):
            raise
        print(f"losskit fit: needs {error.name}; fix: pip install 'losskit[fit]'", file=sys.stderr)
    except (ValueError, OSError) as error:
        print(f"losskit fit: {error}", file=sys.stderr)
    return 2


def _fit(options: argparse.Namespace) -> int:
    from losskit.choose import advise
    from losskit.cli.datasets import load
    from losskit.data import split
    from losskit.training.memory import keep_memory
    from losskit.training.table import TableFit

    keep_memory()
    dataset = load(options.data, options.target)
    advice = advise(dataset)
    loss, reasons = advice.loss, advice.reasons
    if options.loss is not None:
        loss, reasons = named_loss(options.loss, advice), ("it was asked for with --loss",)
    parts = split(dataset, seed=options.seed)
    model = options.model or ("cnn" if dataset.inputs.ndim > 2 else "mlp")
    names = ("optimizer", "learning_rate", "schedule", "weight_decay", "batch_size", "clip", "seed")
    settings = {name: getattr(options, name) for name in names}
    fitted = TableFit(dataset, parts, loss, advice.metric, model=model, settings=settings)
    print(f"data: {dataset.name}, {len(dataset.targets)} rows; {dataset.task}, because {dataset.why}")
    for note in dataset.notes:
        print(f"  note: {note}")
    print(f"loss: {loss}")
    for reason in reasons:
        print(f"  because {reason}")
    status, progress = 0, sys.stderr.isatty()
    try:
        fitted.fit(options.epochs, patience=options.patience, stop_below=options.stop_below, progress=progress)
    except KeyboardInterrupt:  # an hour's training is not thrown away
        status = 130
    for part, values in fitted.scores().items():
        print(f"{part:<11}" + "  ".join(f"{name} {value:.4f}" for name, value in values.items()))
    end = fitted.recording.end
    print(f"ended after {fitted.recording.progress.epochs} epochs: {end.reason if end else ''}")
    settings = {"model": model, **{name: value for name, value in settings.items() if value is not None}}
    _write(options.out, fitted, loss, reasons, {**settings, "epochs": fitted.recording.progress.epochs})
    print(f"written to {options.out}: report.html, recording.jsonl, loss_curve.csv, model.pt")
    return status


def named_loss(name: str, advice: Advice) -> Loss:
    """The loss of that name, with its own defaults; the advised one's settings where it is the same loss."""
    import losskit

    known = {**losskit.catalogue, **losskit.aliases}
    if name not in known:
        raise ValueError(f"--loss: no loss is named {name!r}; `losskit losses` lists them")
    if isinstance(advice.loss, known[name]):
        return advice.loss
    try:
        return known[name]()
    except TypeError as error:
        raise ValueError(f"--loss: {name} needs settings that the command line cannot give: {error}") from None


def _write(out: Path, fitted: TableFit, loss: Loss, reasons: tuple[str, ...], settings: dict[str, object]) -> None:
    from losskit.recording import file
    from losskit.report.html import write_fit
    from losskit.training import checkpoint

    out.mkdir(parents=True, exist_ok=True)
    scores = fitted.scores()
    headline = f"{fitted.dataset.name}: {fitted.metric} {scores['test'][fitted.metric]:.3g} on test data"
    file.write(fitted.recording, out / "recording.jsonl")
    fitted.write_curve(out / "loss_curve.csv")
    checkpoint.save({"model": fitted.run.model.state_dict()}, out / "model.pt")
    task = f"{fitted.dataset.task}: {fitted.dataset.why}"
    write_fit(
        fitted.recording,
        out / "report.html",
        title=headline,
        task=task,
        scores=scores,
        loss=str(loss),
        advice=reasons,
        settings=settings,
    )


__all__ = ["NAME", "SUMMARY", "USAGE", "add_arguments", "run"]
