"""The register of persons: pseudonyms in public, everything else sealed (ADR 0019)."""
