"""Rectification, and telling those who were given what was wrong."""
