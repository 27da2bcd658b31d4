"""What touches the world: sources, payloads, cases and reports."""
