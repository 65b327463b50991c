"""The numerical vocabulary: about 60 functions whose values and derivatives agree in every framework.

``namespace(*arrays)`` returns the vocabulary of the arrays' framework. Formulas use nothing else.
"""

from losskit.arrays.compounds import Vocabulary
from losskit.arrays.dispatch import namespace
from losskit.arrays.primitives import Array, Axis

__all__ = ["Array", "Axis", "Vocabulary", "namespace"]
