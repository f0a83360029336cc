"""Fakes that ship with the package, so that what is built on Pointsman can be tested like Pointsman itself."""
