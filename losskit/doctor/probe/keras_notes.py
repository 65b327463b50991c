"""What a TensorFlow step is overheard to say stays behind in variables, which are read when somebody asks.

A value that a step returns is packed and unpacked in Python, which takes 20 to 50 µs for each: several percent of a
short step. Assigning it to a variable, in the graph around the compiled step, costs nothing that can be measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

_AROUND = "_autoconvert_optionals"  # Keras's method that wraps the compiled step inside the graph that draws the batch
_ANONYMOUS = "cd2c89b7-88b7-44c8-ad83-06c2a9158347"  # TensorFlow's name of a variable that lives as long as its handle

Page = dict[str, tuple[Any, list[tuple[Any, Any]]]]  # of each entry its traced structure, and (variable, tensor)s


class Notes:
    """Takes one entry out of the logs of a step function, and keeps its values of the last step."""

    def __init__(self, entry: str) -> None:
        self._entry = entry
        self._pages: list[Page] = []  # of every trace
        self._page: Any = None  # variable: which of them the last step wrote
        self._eager: dict[str, Any] | None = None  # of a step that runs without a graph

    @contextmanager
    def taken(self, model: Any) -> Iterator[None]:
        """The step function that the model makes meanwhile leaves its entry here, where Keras has a place for that."""
        original = getattr(model, _AROUND, None)
        if original is None:
            yield
            return

        def around(step: Callable[[Any], Any]) -> Callable[[Any], Any]:
            wrapped = original(step)

            @wraps(wrapped)
            def noting(data: Any) -> Any:
                output = wrapped(data)
                if isinstance(output, dict) and self._entry in output:
                    output = dict(output)
                    self._note(output.pop(self._entry))
                return output

            return noting

        vars(model)[_AROUND] = around
        try:
            yield
        finally:
            vars(model).pop(_AROUND, None)

    def _note(self, heard: dict[str, Any]) -> None:
        import tensorflow as tf

        if tf.executing_eagerly():
            self._eager = heard
            return
        with tf.init_scope():  # outside the graph that is being traced
            self._page = _variable(tf.int32) if self._page is None else self._page
            page: Page = {}
            for name, value in heard.items():
                tensors = tf.nest.flatten(value, expand_composites=True)
                page[name] = value, [(_variable(tensor.dtype), tensor) for tensor in tensors]
        tf.raw_ops.AssignVariableOp(resource=self._page, value=len(self._pages))
        for _, variables in page.values():
            for variable, tensor in variables:
                tf.raw_ops.AssignVariableOp(resource=variable, value=tensor)
        self._pages.append(page)

    def read(self, *names: str) -> dict[str, Any]:
        """What the last step said, all of it or these entries."""
        if self._page is None:
            return self._eager or {}
        import tensorflow as tf

        read = tf.raw_ops.ReadVariableOp
        page = self._pages[int(read(resource=self._page, dtype=tf.int32)) if len(self._pages) > 1 else 0]
        heard = {}
        for name in names or page:
            if name in page:
                structure, variables = page[name]
                values = [read(resource=variable, dtype=tensor.dtype) for variable, tensor in variables]
                single = tf.is_tensor(structure) and len(values) == 1  # packing takes longer than reading
                heard[name] = (
                    values[0] if single else tf.nest.pack_sequence_as(structure, values, expand_composites=True)
                )
        return heard


def _variable(dtype: Any) -> Any:
    """A bare one of any shape: `tf.Variable` refuses to be made when a step is traced a second time."""
    import tensorflow as tf

    return tf.raw_ops.VarHandleOp(dtype=dtype, shape=None, shared_name=_ANONYMOUS)


__all__ = ["Notes"]
