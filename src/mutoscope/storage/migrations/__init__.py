"""Numbered migrations of the records, applied by `mutoscope.storage.migrate`."""
