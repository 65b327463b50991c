"""A probe for tests of the pipeline, without a framework: the script says itself what a probe would have seen.

Variables of the script: `accuracy` is the task metric, `faults` maps names to lines. `SEED` is the seed offset.
"""

import argparse
import runpy
import sys
import traceback

from losskit.recording.facts import End, Event, Metric, Place, Progress, Start
from losskit.recording.file import Recorder

parser = argparse.ArgumentParser()
parser.add_argument("--recording")
parser.add_argument("--seed-offset", type=int, default=0)
parser.add_argument("script")
parser.add_argument("arguments", nargs=argparse.REMAINDER)
options = parser.parse_args()
recorder = Recorder(options.recording)
recorder.fact(Start(options.script, tuple(options.arguments), "torch"))
sys.argv = [options.script, *options.arguments]
status, text, said = 0, None, {}
sys.path[0] = options.script.rpartition("/")[0] or "."
try:
    said = runpy.run_path(options.script, {"SEED": options.seed_offset}, "__main__")
except SystemExit as error:
    status = error.code or 0
except Exception:
    status, text = 1, traceback.format_exc()
    traceback.print_exc()
for fault, (file, line) in said.get("faults", {}).items():
    recorder.fact(Event("fault", fault, place=Place(file, line)))
if "accuracy" in said:
    recorder.fact(Progress(steps=10))
    recorder.measure("loss", 1, 1.0)
    recorder.measure("metric", 1, said["accuracy"])
    recorder.fact(Metric("accuracy", said["accuracy"], "training", said["accuracy"], 1000, 0.1))
recorder.fact(End(status, 0.01, 0.001, 0.005, text, "finished" if text is None else "exception"))
recorder.close()
sys.exit(status)
