"""Sentences and words of other modules, marked for the catalogues, by topic."""
