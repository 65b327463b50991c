"""Data for `losskit fit` and `losskit choose`: tables and named data sets, read, cleaned and split."""

from losskit.data.dataset import Dataset
from losskit.data.errors import DataError
from losskit.data.sets import NAMED, named
from losskit.data.split import Split, split
from losskit.data.table import read_table

__all__ = ["NAMED", "DataError", "Dataset", "Split", "named", "read_table", "split"]
