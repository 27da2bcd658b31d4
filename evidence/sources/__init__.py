"""Where evidence is read from; read-only by type."""
