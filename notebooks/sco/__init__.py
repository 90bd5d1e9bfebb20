"""The shared module of the book: load the data, audit the claims, show the exhibits."""

from sco.tables import DataError, about, describe, load, tables

__all__ = ["DataError", "about", "describe", "load", "tables"]
