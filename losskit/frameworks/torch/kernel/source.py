"""A program as C++: one loop that reads each input once and writes each gradient once."""

from __future__ import annotations

import math
from pathlib import Path

import numpy

from losskit.frameworks.torch.kernel.program import Program, Unsupported

FUNCTIONS = Path(__file__).with_name("functions.h").read_text()
INFIX = {"gt": ">", "lt": "<", "ge": ">=", "le": "<=", "eq": "==", "ne": "!=", "or": "|", "and": "&"}
INFIX |= {"add": "+", "sub": "-", "mul": "*", "div": "/"}
CALLS = {
    "exp": "exponential",
    "expm1": "exponential_minus_1",
    "log": "logarithm",
    "log1p": "logarithm_of_1_plus",
    "pow": "power",
    "sqrt": "square_root",
    "abs": "absolute",
    **{name: name for name in ("sign", "maximum", "minimum")},
}

# A lane adds 64 values, float64 the rest, block after block whatever thread they were made by: as accurate as a
# pairwise sum, and the same for any number of threads. A gradient may take the place of an input: both are of one
# element.
LOOP = """
INLINE Real element({arguments}) {{
{body}
}}

extern "C" double one_pass({parameters}, float scale, int64_t count, int threads, double *sums) {{
    int64_t vectors = count / WIDTH, rest = count % WIDTH, blocks = (vectors + 63) / 64;
    #pragma omp parallel for schedule(static) num_threads(threads) if (count > 16384)
    for (int64_t block = 0; block < blocks; block++) {{
        int64_t end = block * 64 + 64 < vectors ? block * 64 + 64 : vectors;
        Real sum = {{}};
        for (int64_t i = block * 64 * WIDTH; i < end * WIDTH; i += WIDTH) {{
            Real {places};
            sum += element({loaded}, {pointers});
            {stores}
        }}
        sums[block] = sum_some(sum, WIDTH);
    }}
    double total = 0.0;
    for (int64_t block = 0; block < blocks; block++) total += sums[block];
    if (rest) {{
        int64_t i = vectors * WIDTH;
        Real {places};
        total += sum_some(element({some_loaded}, {pointers}), rest);
        {some_stores}
    }}
    return total;
}}
"""


def source(program: Program, inputs: int) -> str:
    """C++ source of `one_pass`, for a program of so many inputs."""
    xs, gs = range(inputs), range(len(program.gradients))
    lines = [_statement(program, place) for place in program.needed()]
    lines += [f"*g{k} = v{place};" for k, place in enumerate(program.gradients)]
    lines.append(f"return v{program.value};")
    return FUNCTIONS + LOOP.format(
        arguments=", ".join([*(f"Real x{k}" for k in xs), *(f"Real *g{k}" for k in gs)]),
        body="\n".join(f"    {line}" for line in lines),
        parameters=", ".join([*(f"const float *x{k}" for k in xs), *(f"float *g{k}" for k in gs)]),
        places=", ".join(f"v{k}" for k in gs),
        pointers=", ".join(f"&v{k}" for k in gs),
        loaded=", ".join(f"load(x{k} + i)" for k in xs),
        stores=" ".join(f"store(g{k} + i, scale * v{k});" for k in gs),
        some_loaded=", ".join(f"load_some(x{k} + i, rest)" for k in xs),
        some_stores=" ".join(f"store_some(g{k} + i, scale * v{k}, rest);" for k in gs),
    )


def _statement(program: Program, place: int) -> str:
    name, *operands = program.operations[place]
    kind = "Whole" if program.is_condition(place) else "Real"
    return f"{kind} v{place} = {_expression(name, operands)};"


def _expression(name: str, operands: list) -> str:
    if name == "constant":
        return f"constant({_literal(operands[0])})"
    if name == "truth":
        return f"truth({str(operands[0]).lower()})"
    if name == "input":
        return f"x{operands[0]}"
    values = [f"v{place}" for place in operands]
    if name in INFIX:
        return f"{values[0]} {INFIX[name]} {values[1]}"
    if name in CALLS:
        return f"{CALLS[name]}({', '.join(values)})"
    match name, values:
        case "neg", [x]:
            return f"-{x}"
        case "not", [x]:
            return f"~{x}"
        case "where", [condition, yes, no]:
            return f"{condition} ? {yes} : {no}"
        case _:
            raise Unsupported(name)


def _literal(number: float) -> str:
    if math.isnan(number):
        return "NAN"
    if math.isinf(number):
        return "INFINITY" if number > 0 else "-INFINITY"
    return f"{float(numpy.float32(number)).hex()}f"
