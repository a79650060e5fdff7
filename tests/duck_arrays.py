"""Stand-ins for the arrays of other libraries, which refuse what those refuse."""

import numpy as np


class TorchLike:
    """A tensor that needs its gradient dropped and its device left, with a dtype that is none of numpy's."""

    class _Dtype:
        def __init__(self, name):
            self.name = name

        def __repr__(self):
            return f"torch.{self.name}"

    def __init__(self, array, *, on_host=False, dtype=None):
        self._array, self._on_host = np.asarray(array), on_host
        self.dtype = self._Dtype(dtype or self._array.dtype.name)
        self.shape = self._array.shape

    def detach(self):
        return self

    def cpu(self):
        return TorchLike(self._array, on_host=True, dtype=self.dtype.name)

    def float(self):
        return TorchLike(self._array.astype(np.float32), on_host=self._on_host)

    def __len__(self):
        return len(self._array)

    def __array__(self, dtype=None, copy=None):
        if not self._on_host or self.dtype.name == "bfloat16":
            raise TypeError("can't convert this tensor to numpy")
        return self._array if dtype is None else self._array.astype(dtype)


class CupyLike:
    """An array that leaves its device by `get` only."""

    __cuda_array_interface__ = ()  # what it says is never read

    def __init__(self, array):
        self._array = np.asarray(array)
        self.shape, self.dtype, self.ndim = self._array.shape, self._array.dtype, self._array.ndim

    def get(self):
        return self._array

    def __array__(self, dtype=None, copy=None):
        raise TypeError("Implicit conversion to a NumPy array is not allowed")


class JaxLike:
    """An array with nothing but `__array__`."""

    def __init__(self, array):
        self._array = np.asarray(array)

    def __array__(self, dtype=None, copy=None):
        return self._array if dtype is None else self._array.astype(dtype)


class PolarsLike:
    """A frame whose columns are series with `to_numpy`, and no pandas."""

    def __init__(self, columns):
        self._columns = columns
        self.columns = list(columns)

    def __getitem__(self, name):
        return PolarsSeriesLike(self._columns[name])

    def to_numpy(self):
        return np.column_stack(list(self._columns.values()))


class PolarsSeriesLike:
    def __init__(self, array):
        self._array = array

    def to_numpy(self):
        return self._array
