"""Retention, legal hold, restriction and erasure of exhibits."""
