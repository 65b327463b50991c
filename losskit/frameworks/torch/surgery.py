"""Gradient surgery: one direction out of the gradients of several tasks, where they pull against each other.

Each class has `direction(gradients)`, of a matrix (K, D) with a task's gradient in each row, and
`backward(losses, parameters)`, which takes the gradients, and puts the direction into the parameters' `.grad` where
`losses.sum().backward()` would have put their sum. It costs K backward passes and K gradients' memory; where that is
too much, pass the last shared layer's parameters, or weigh losses (`losskit.torch.FastAdaptiveMultitaskOptimization`).
"""

from __future__ import annotations

from collections.abc import Iterable

import torch

from losskit.core.hyperparameters import non_negative, positive

__all__ = [
    "AlignedMultitask",
    "ConflictAverse",
    "GradientSurgery",
    "ImpartialMultitask",
    "MultipleGradientDescent",
    "NashBargaining",
    "ProjectedConflicts",
]


class GradientSurgery:
    """The base of every surgery; `direction` is what a subclass states."""

    def direction(self, gradients: torch.Tensor) -> torch.Tensor:
        """The direction (D,) for the gradients (K, D), of the size of their sum."""
        raise NotImplementedError

    def backward(self, losses: torch.Tensor | Iterable[torch.Tensor], parameters: Iterable[torch.Tensor]) -> None:
        """Add the direction to the `.grad` of the parameters; those that no loss depends on get none.

        The graph is freed, as by backward. Parameters left out (the tasks' heads) get no gradient here.
        """
        parameters, each = [p for p in parameters if p.requires_grad], list(losses)
        if not each or not parameters:
            raise ValueError(f"backward: expected losses and parameters, got {len(each)} and {len(parameters)}")
        rows = [
            torch.autograd.grad(loss, parameters, retain_graph=k < len(each) - 1, allow_unused=True)
            for k, loss in enumerate(each)
        ]
        reached = [any(row[i] is not None for row in rows) for i in range(len(parameters))]
        used = [i for i, is_reached in enumerate(reached) if is_reached]
        if not used:
            return
        flat = [
            torch.cat([torch.zeros_like(parameters[i]).flatten() if row[i] is None else row[i].flatten() for i in used])
            for row in rows
        ]
        parts = self.direction(torch.stack(flat)).split([parameters[i].numel() for i in used])
        for i, part in zip(used, parts, strict=True):
            parameter, gradient = parameters[i], part.view_as(parameters[i])
            parameter.grad = gradient.clone() if parameter.grad is None else parameter.grad + gradient

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in vars(self).items())})"


class ProjectedConflicts(GradientSurgery):
    """PCGrad: from each gradient take its part against another one's, where the two conflict; then add them up.

    g ← g − min(0, g·h) h / ‖h‖² for the other tasks' h, in random order (generator). With no conflict it is the sum.

    >>> import torch, losskit
    >>> losskit.torch.ProjectedConflicts().direction(torch.tensor([[1.0, 0.0], [-1.0, 1.0]]))
    tensor([0.5000, 1.5000])

    Source: Yu et al. 2020, arXiv:2001.06782.
    """

    def __init__(self, generator: torch.Generator | None = None) -> None:
        self.generator = generator

    def direction(self, gradients: torch.Tensor) -> torch.Tensor:
        tasks, squares = len(gradients), gradients.square().sum(dim=1)
        total = torch.zeros_like(gradients[0])
        for k in range(tasks):
            own = gradients[k]
            for other in torch.randperm(tasks, generator=self.generator).tolist():
                if other != k and squares[other] > 0:
                    along = torch.clamp(torch.dot(own, gradients[other]) / squares[other], max=0)
                    own = own - along * gradients[other]
            total = total + own
        return total


class MultipleGradientDescent(GradientSurgery):
    """MGDA: K times the shortest convex combination of the gradients, which makes every task's loss fall or is 0.

    normalized=True gives each gradient length 1 first, so that tasks of other units do not decide alone; the direction
    has then the mean of their lengths. The combination is found by Frank–Wolfe with exact line search on the K × K
    matrix of products, to a relative gap of `tolerance` or in `iterations`.
    Source: Désidéri 2012, doi:10.1016/j.crma.2012.03.014; Sener & Koltun 2018, arXiv:1810.04650.
    """

    def __init__(self, normalized: bool = False, iterations: int = 250, tolerance: float = 1e-10) -> None:
        non_negative(tolerance=tolerance)
        self.normalized, self.iterations, self.tolerance = normalized, iterations, tolerance

    def weights(self, products: torch.Tensor) -> torch.Tensor:
        """The weights w ≥ 0, Σw = 1, of the least wᵀMw, for the matrix of products M (K, K)."""
        weights = torch.full_like(products[0], 1 / len(products))
        for _ in range(self.iterations):
            slopes = products @ weights
            to = int(slopes.argmin())
            here, there, between = weights @ slopes, products[to, to], slopes[to]
            if here - between <= self.tolerance * here:
                break
            # The least of ‖(1 − s) g + s h‖²: inside [0, 1], for g·h is below ‖g‖².
            step = ((here - between) / (here - 2 * between + there)).clamp(0, 1)
            weights = (1 - step) * weights
            weights[to] += step
        return weights

    def direction(self, gradients: torch.Tensor) -> torch.Tensor:
        lengths = torch.linalg.vector_norm(gradients, dim=1, keepdim=True)
        rows = gradients / torch.where(lengths == 0, 1, lengths) if self.normalized else gradients
        weights = self.weights((rows @ rows.T).double()).to(rows.dtype)
        scale = lengths.mean() if self.normalized else 1
        return len(gradients) * scale * (weights @ rows)


class ConflictAverse(GradientSurgery):
    """CAGrad: the direction within c‖ḡ‖ of the mean gradient ḡ that makes the loss that falls slowest fall fastest.

    d = ḡ + c‖ḡ‖ g_w / ‖g_w‖, g_w = Σ wₖgₖ, with the weights of the simplex that minimise g_w·ḡ + c‖ḡ‖‖g_w‖; K times d
    is returned. c in [0, 1): 0 is the mean, and the further from it the nearer to MGDA. The weights are found by
    `iterations` of exponentiated gradient descent on the K × K matrix of products.
    Source: Liu, Liu, Jin, Stone & Liu 2021, arXiv:2110.14048 (which divides d by 1 + c², optionally).
    """

    def __init__(self, c: float = 0.5, iterations: int = 500) -> None:
        if not 0 <= c < 1:
            raise ValueError(f"c: expected a number in [0, 1), got {c}")
        self.c, self.iterations = c, iterations

    def direction(self, gradients: torch.Tensor) -> torch.Tensor:
        tasks, mean = len(gradients), gradients.mean(dim=0)
        products = (gradients @ gradients.T).double()
        size = products.diagonal().mean()
        if size == 0:
            return tasks * mean
        weights = self.weights(products / size).to(gradients.dtype)
        combined = weights @ gradients
        length = torch.linalg.vector_norm(combined)
        turn = self.c * torch.linalg.vector_norm(mean) / torch.where(length == 0, 1, length)
        return tasks * (mean + turn * combined)

    def weights(self, products: torch.Tensor) -> torch.Tensor:
        """The weights for the matrix of products, of which the diagonal's mean is 1."""
        tasks = len(products)
        with_mean = products.mean(dim=1)
        reach = self.c * with_mean.mean().clamp(min=0).sqrt()
        logits, best, least = torch.zeros_like(with_mean), torch.full_like(with_mean, 1 / tasks), torch.inf
        for k in range(self.iterations):
            weights = torch.softmax(logits, dim=0)
            length = (weights @ products @ weights).clamp(min=0).sqrt()
            value = float(weights @ with_mean + reach * length)
            if value < least:
                best, least = weights, value
            slope = with_mean + reach * (products @ weights) / torch.where(length == 0, 1, length)
            logits = logits - 4 / (1 + k) ** 0.5 * slope
        return best


class AlignedMultitask(GradientSurgery):
    """Aligned-MTL: the gradients turned orthogonal and to one length, as little as may be; then added up.

    The matrix of gradients G = UΣVᵀ becomes σ UVᵀ, σ the least singular value that is not 0: none conflicts, none
    dominates. It is Gᵀ M^(−½) by the K × K matrix M = GGᵀ. Directions whose eigenvalue is below `tolerance` of the
    largest one are left out: gradients that depend on each other.
    Source: Senushkin, Patakin, Kuznetsov & Konushin 2023, arXiv:2305.19000.
    """

    def __init__(self, tolerance: float = 1e-6) -> None:
        non_negative(tolerance=tolerance)
        self.tolerance = tolerance

    def direction(self, gradients: torch.Tensor) -> torch.Tensor:
        values, vectors = torch.linalg.eigh((gradients @ gradients.T).double())
        kept = values > self.tolerance * values[-1]
        if not kept.any():
            return torch.zeros_like(gradients[0])
        least, vectors = values[kept].min(), vectors[:, kept]
        turn = (vectors * (least / values[kept]).sqrt()) @ vectors.T
        return turn.sum(dim=0).to(gradients.dtype) @ gradients


class ImpartialMultitask(GradientSurgery):
    """IMTL-G: the combination of the gradients that goes equally far along each of them, whatever their lengths.

    d = K Σ αₖgₖ with Σ αₖ = 1 and d·gₖ/‖gₖ‖ one number for all tasks. In terms of unit gradients uₖ it is Σ wₖuₖ with
    C w = 1, C the K × K matrix of their cosines, and wₖ = αₖ‖gₖ‖. An αₖ may be negative, and where Σ wₖ/‖gₖ‖ is
    too the paper's d makes every loss rise: its opposite is taken. d is at most Σ ‖gₖ‖ long, where Σ wₖ/‖gₖ‖ is
    nearly 0. Directions whose eigenvalue in C is below `tolerance` of the largest one are left out: gradients that
    depend on each other. Tasks whose gradient is 0 are left out. (IMTL-L, the paper's scaling of losses, is apart.)
    Source: Liu et al. 2021, Towards impartial multi-task learning, ICLR.
    """

    def __init__(self, tolerance: float = 1e-6) -> None:
        non_negative(tolerance=tolerance)
        self.tolerance = tolerance

    def direction(self, gradients: torch.Tensor) -> torch.Tensor:
        lengths = torch.linalg.vector_norm(gradients, dim=1)
        there = lengths > 0
        if not there.any():
            return torch.zeros_like(gradients[0])
        units = gradients[there] / lengths[there, None]
        values, vectors = torch.linalg.eigh((units @ units.T).double())
        kept = values > self.tolerance * values[-1]
        vectors = vectors[:, kept]
        weights = (vectors / values[kept]) @ vectors.sum(dim=0)
        combined = weights.to(units.dtype) @ units
        # Weights αₖ that sum to 1, of the gradients themselves: the sum of wₖ/‖gₖ‖ is what d is divided by.
        share = (weights / lengths[there]).sum().abs()
        length = torch.linalg.vector_norm(combined)
        if length == 0:  # opposite gradients: no direction suits all
            return combined
        scale = torch.minimum(len(gradients) / share, lengths.sum() / length)
        return scale.to(units.dtype) * combined


class NashBargaining(GradientSurgery):
    """Nash-MTL: the direction that the tasks would agree upon: the largest product of what each of them gains by it.

    Of all directions of one length it has the largest Π d·gₖ: every gₖ may be multiplied by a number of its own, and d
    stays the same. d = Σ αₖgₖ with αₖ > 0 and d·gₖ = 1/αₖ, the minimum of ½ αᵀMα − Σ log αₖ for the K × K matrix of
    products M, which is convex: found by Newton's method, damped as for every self-concordant function, where the
    paper solves a sequence of convex problems. d is √K long, however long the gradients are: near an optimum it does
    not fall, so let the learning rate fall. Where the tasks oppose each other so that no direction suits all, d is
    short, and 0 if they are at rest; gradients that are 0 have no say. tolerance: what is added to the diagonal of M,
    for unit gradients, so that there is a solution always.
    Source: Navon et al. 2022, arXiv:2202.01017.
    """

    def __init__(self, iterations: int = 100, tolerance: float = 1e-8) -> None:
        positive(tolerance=tolerance)
        self.iterations, self.tolerance = iterations, tolerance

    def direction(self, gradients: torch.Tensor) -> torch.Tensor:
        lengths = torch.linalg.vector_norm(gradients, dim=1, keepdim=True)
        units = gradients / torch.where(lengths == 0, 1, lengths)
        return self.weights((units @ units.T).double()).to(units.dtype) @ units

    def weights(self, products: torch.Tensor) -> torch.Tensor:
        """The weights α for the matrix of products of unit gradients: α_k (Mα)_k = 1."""
        matrix = products + self.tolerance * torch.eye(len(products), dtype=products.dtype, device=products.device)
        weights = matrix.diagonal().rsqrt()
        for _ in range(self.iterations):
            # In units of the weights themselves, in which the second derivatives of −log are 1.
            scaled = weights[:, None] * matrix * weights
            slopes = scaled.sum(dim=1) - 1
            step = torch.linalg.solve(scaled + torch.eye(len(scaled), dtype=scaled.dtype, device=scaled.device), slopes)
            decrement = torch.dot(step, slopes).clamp(min=0).sqrt()
            if decrement < 1e-12:
                break
            weights = weights * (1 - step / (1 + decrement if decrement > 0.25 else 1))
        return weights
