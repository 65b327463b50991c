"""How value and gradient grow with n: losskit's formulas in n log n beside the all-pairs forms that peers compute.

Each form is the definition written with a matrix of pairs, in PyTorch, as the packages named with it do. First both are
compared in float64 on inputs with ties; then timed, the pairs as far as LIMIT.

Run: python benchmarks/growth.py [largest n] [--json FILE]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from measure import Line, interleaved, machine, report

import losskit

LIMIT = 10_000  # with more, a matrix of pairs and its gradient pass 1 GB
COMPARED = 400  # entries, many of them alike


@dataclass(frozen=True)
class Row:
    """A loss, the form in pairs, and what makes their inputs of n entries; `tied` ones meet."""

    name: str
    loss: Any
    pairs: Callable[..., torch.Tensor]
    inputs: Callable[[int, bool], tuple[torch.Tensor, ...]]


def numbers(n: int, tied: bool) -> torch.Tensor:
    """Normal numbers; tied ones are rounded, so that each value occurs some ten times."""
    x = torch.randn(n, dtype=torch.float64)
    return torch.round(x * n / 60) * 60 / n if tied else x


def flags(n: int) -> torch.Tensor:
    return (torch.rand(n) < 0.3).double()


def area(penalty: Callable[[torch.Tensor], torch.Tensor]) -> Callable[..., torch.Tensor]:
    """As LibAUC's PairwiseAUCLoss."""

    def pairs(scores: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return penalty(1 - (scores[target == 1][:, None] - scores[target == 0][None, :])).mean()

    return pairs


def ensemble(members: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """As properscoring's and torch-based CRPS of an ensemble."""
    apart = (members[..., :, None] - members[..., None, :]).abs().mean(dim=(-2, -1))
    return ((members - target[..., None]).abs().mean(dim=-1) - apart / 2).mean()


def plackett_luce(scores: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    left = target[:, None, :] <= target[:, :, None]
    rows = torch.where(left, scores[:, None, :], -torch.inf)
    return (torch.logsumexp(rows, dim=-1) - scores).sum(dim=-1).mean()


def breslow(hazard: torch.Tensor, time: torch.Tensor, event: torch.Tensor) -> torch.Tensor:
    """As TorchSurv's and the mask of a risk set that most write."""
    at_risk = torch.where(time[None, :] >= time[:, None], hazard[None, :], -torch.inf)
    return ((torch.logsumexp(at_risk, dim=1) - hazard) * event).sum() / event.sum()


def efron(hazard: torch.Tensor, time: torch.Tensor, event: torch.Tensor) -> torch.Tensor:
    total = hazard.new_zeros(())
    for at in time[event == 1].unique():
        tied = hazard[(time == at) & (event == 1)]
        risk = torch.exp(hazard[time >= at]).sum()
        for gone in range(len(tied)):
            total = total + torch.log(risk - gone / len(tied) * torch.exp(tied).sum())
        total = total - tied.sum()
    return total / event.sum()


def cramer(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Half the energy distance, from its definition."""

    def mean(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return (a[:, None] - b[None, :]).abs().mean()

    return mean(first, second) - mean(first, first) / 2 - mean(second, second) / 2


ROWS = (
    Row(
        "AUC, squared hinge",
        losskit.AreaUnderCurve(),
        area(lambda short: torch.relu(short) ** 2),
        lambda n, tied: (numbers(n, tied), flags(n)),
    ),
    Row(
        "AUC, hinge",
        losskit.AreaUnderCurve(penalty="hinge"),
        area(torch.relu),
        lambda n, tied: (numbers(n, False), flags(n)),  # the derivative at a kink is one's own choice
    ),
    Row(
        "ensemble CRPS",
        losskit.EnsembleContinuousRankedProbabilityScore(),
        ensemble,
        lambda n, tied: (numbers(n, False)[None], torch.zeros(1, dtype=torch.float64)),
    ),
    Row("ListMLE", losskit.ListMLE(), plackett_luce, lambda n, tied: (numbers(n, tied)[None], numbers(n, tied)[None])),
    Row(
        "Cox, Breslow",
        losskit.CoxPartialLikelihood(ties="breslow"),
        breslow,
        lambda n, tied: (numbers(n, tied), numbers(n, tied).exp(), flags(n)),
    ),
    Row(
        "Cox, Efron",
        losskit.CoxPartialLikelihood(),
        efron,
        lambda n, tied: (numbers(n, tied), numbers(n, tied).exp(), flags(n)),
    ),
    Row("Cramér (energy) distance", losskit.CramerDistance(), cramer, lambda n, tied: (numbers(n, 0), numbers(n, 0))),
)


def value_and_gradient(
    function: Callable[..., torch.Tensor], inputs: tuple[torch.Tensor, ...]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Of the first input."""
    first = inputs[0].detach().requires_grad_()
    value = function(first, *inputs[1:])
    return value.detach(), torch.autograd.grad(value, first)[0]


def difference(row: Row) -> tuple[float, float]:
    """How far value and gradient are from those of the pairs, relative to the largest."""
    torch.manual_seed(0)
    inputs = row.inputs(COMPARED, True)
    ours, theirs = (value_and_gradient(function, inputs) for function in (row.loss, row.pairs))
    value, gradient = ((a - b).abs().max() / b.abs().max() for a, b in zip(ours, theirs, strict=True))
    return float(value), float(gradient)


def exponent(seconds: dict[int, float]) -> float:
    """Of the power of n that fits the times, from 10,000 on: below that a call's own cost counts."""
    large = {n: time for n, time in seconds.items() if n >= LIMIT}
    return float(np.polyfit(np.log(list(large)), np.log(list(large.values())), 1)[0])


def measured(largest: int) -> Iterator[Line]:
    sizes = [n for n in (1_000, 10_000, 100_000, 1_000_000) if n <= largest]
    for row in ROWS:
        cells, ours = [], {}
        for n in sizes:
            torch.manual_seed(0)
            inputs = row.inputs(n, False)
            runs = {"losskit": lambda inputs=inputs, row=row: value_and_gradient(row.loss, inputs)}
            if n <= LIMIT:
                runs["pairs"] = lambda inputs=inputs, row=row: value_and_gradient(row.pairs, inputs)
            with losskit.checks("shapes"):
                times = interleaved(runs, count=3, warm=1)
            ours[n] = times["losskit"]
            cells.append(f"{1e3 * ours[n]:.1f} / " + (f"{1e3 * times['pairs']:.1f}" if "pairs" in times else "–"))
            if n == LIMIT:
                yield Line(f"{row.name}: time at {n:,}", ours[n] / times["pairs"], "", 1.0, "all pairs")
        value, gradient = difference(row)
        yield Line(f"{row.name}: value and gradient against all pairs", max(value, gradient), "", 1e-12)
        if sizes[-1] > LIMIT:
            # n log n between 10⁴ and 10⁶ fits an exponent of 1.1; sorting leaves the cache on the way.
            yield Line(f"{row.name}: exponent of the growth from {LIMIT:,} on", exponent(ours), "", 1.3)
        print(f"    ms at {', '.join(f'{n:,}' for n in sizes)}: {', '.join(cells)}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("largest", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--json")
    given = parser.parse_args()
    print(f"{machine()}; value and gradient, float64, ms, medians of interleaved rounds: losskit / pairs")
    report(measured(given.largest), given.json)


if __name__ == "__main__":
    main()
