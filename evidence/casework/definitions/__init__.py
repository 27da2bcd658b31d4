"""Definitions of trafficking in human beings this release ships, as data."""
