"""A program as C: one loop that reads each input once and writes each gradient once."""

from __future__ import annotations

import math
from pathlib import Path

import numpy

from losskit.frameworks.torch.kernel.program import Program, Unsupported

FUNCTIONS = Path(__file__).with_name("functions.h").read_text()
INFIX = {"gt": ">", "lt": "<", "ge": ">=", "le": "<=", "eq": "==", "ne": "!=", "or": "|", "and": "&"}
INFIX |= {"add": "+", "sub": "-", "mul": "*", "div": "/"}
CALLS = {"exp": "exp32", "expm1": "expm132", "log": "log32", "log1p": "log1p32", "pow": "pow32", "sign": "sign32"}
CALLS |= {"abs": "__builtin_fabsf", "sqrt": "__builtin_sqrtf", "maximum": "maximum32", "minimum": "minimum32"}

# "simd": no iteration reads what another wrote; a gradient may take the place of the input that it belongs to.
# Sums of 1,024 float32 values (64 in each of 16 lanes) are added in float64, block after block whatever thread they
# were made by: as accurate as a pairwise sum, and the same for any number of threads.
LOOP = """
double one_pass({parameters}, float scale, long count, int threads, double *sums) {{
    long blocks = (count + 1023) / 1024;
    #pragma omp parallel for schedule(static) num_threads(threads) if (blocks > 15)
    for (long block = 0; block < blocks; block++) {{
        long end = (block + 1) * 1024 < count ? (block + 1) * 1024 : count;
        float sum = 0.0f;
        #pragma omp simd reduction(+ : sum)
        for (long i = block * 1024; i < end; i++) {{
{body}
        }}
        sums[block] = sum;
    }}
    double total = 0.0;
    for (long block = 0; block < blocks; block++) total += sums[block];
    return total;
}}
"""


def source(program: Program, inputs: int) -> str:
    """C source of `one_pass`, for a program of so many inputs."""
    parameters = [f"const float *x{k}" for k in range(inputs)]
    parameters += [f"float *restrict g{k}" for k in range(len(program.gradients))]
    lines = [_statement(program, place) for place in program.needed()]
    lines += [f"g{k}[i] = scale * v{place};" for k, place in enumerate(program.gradients)]
    lines.append(f"sum += v{program.value};")
    body = "\n".join(f"            {line}" for line in lines)
    return FUNCTIONS + LOOP.format(parameters=", ".join(parameters), body=body)


def _statement(program: Program, place: int) -> str:
    name, *operands = program.operations[place]
    kind = "int" if program.is_condition(place) else "float"
    return f"{kind} v{place} = {_expression(name, operands)};"


def _expression(name: str, operands: list) -> str:
    if name == "constant":
        return _literal(operands[0])
    if name == "truth":
        return str(int(operands[0]))
    if name == "input":
        return f"x{operands[0]}[i]"
    values = [f"v{place}" for place in operands]
    if name in INFIX:
        return f"{values[0]} {INFIX[name]} {values[1]}"
    if name in CALLS:
        return f"{CALLS[name]}({', '.join(values)})"
    match name, values:
        case "neg", [x]:
            return f"-{x}"
        case "not", [x]:
            return f"!{x}"
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
