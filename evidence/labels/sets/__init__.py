"""Code sets this release ships, as data."""
