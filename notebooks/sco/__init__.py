"""The shared module of the book: load the data, audit the claims, show the exhibits."""

from sco.tables import DataError, describe, load, tables

__all__ = ["DataError", "describe", "load", "tables"]
