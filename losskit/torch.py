"""`losskit.torch`: losskit in PyTorch."""

from losskit.frameworks.torch import NATIVE, Fused, LossModule, fuse, module, native

__all__ = ["NATIVE", "Fused", "LossModule", "fuse", "module", "native"]
