"""Heals a run in flight: `losskit.doctor.Guard` in a PyTorch loop, `losskit.doctor.GuardCallback` in Keras's fit."""
