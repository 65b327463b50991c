"""C++ source to a function: compiled once by the machine's own compiler, kept on disk, loaded by ctypes."""

from __future__ import annotations

import ctypes
import hashlib
import os
import shlex
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import torch

# -ffp-contract=off: products and sums are rounded as PyTorch rounds them. The next two say that nobody looks at errno
# or at floating-point exceptions. -w: vectors as arguments differ between processors, and nothing is exported.
FLAGS = ("-O3", "-fopenmp", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math")
FLAGS += ("-std=c++17", "-shared", "-fPIC", "-w")
AVX2 = ("-mavx2", "-mfma")
INSTRUCTIONS = {
    "AVX2": AVX2,
    "AVX512": (*AVX2, "-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mprefer-vector-width=512"),
}
"""What the compiler may use, by what PyTorch found the processor to have: never more than this machine runs."""


class NoCompiler(Exception):
    """No C++ compiler that takes these flags."""


def build(source: str) -> ctypes.CDLL:
    """The compiled source. Raises NoCompiler."""
    compiler = _compiler()
    command = [*compiler, *FLAGS, *INSTRUCTIONS.get(torch.backends.cpu.get_cpu_capability(), ())]
    key = hashlib.sha256("\0".join([*command, _version(compiler), source]).encode()).hexdigest()[:32]
    library = _folder() / f"{key}.so"
    if not library.exists():
        _compile(command, source, library)
    try:
        return ctypes.CDLL(str(library))
    except OSError as error:
        raise NoCompiler(str(error)) from error


def _compile(command: list[str], source: str, library: Path) -> None:
    try:
        with tempfile.TemporaryDirectory(dir=library.parent) as folder:
            text, made = Path(folder, "kernel.cpp"), Path(folder, "kernel.so")
            text.write_text(source)
            command = [*command, str(text), "-o", str(made), "-lm"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise NoCompiler(f"{command[0]} ended with status {done.returncode}: {done.stderr.strip()[:500]}")
            os.replace(made, library)  # whole or not at all: another process may be looking
    except OSError as error:  # a full disk, say
        raise NoCompiler(str(error)) from error


@cache
def _compiler() -> tuple[str, ...]:
    command = tuple(shlex.split(os.environ.get("CXX") or "c++"))  # it may be "ccache g++"
    if not command or shutil.which(command[0]) is None:
        raise NoCompiler(f"no C++ compiler: neither $CXX nor c++ is a program, looked for {' '.join(command)!r}")
    return command


@cache
def _version(compiler: tuple[str, ...]) -> str:
    try:
        return subprocess.run([*compiler, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError as error:
        raise NoCompiler(str(error)) from error


@cache
def _folder() -> Path:
    """Where kernels are kept: the user's own cache, or this process's where that cannot be written."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(home, "losskit", "kernels")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix="losskit-kernels-"))
