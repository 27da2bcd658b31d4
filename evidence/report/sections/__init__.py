"""The chapters of the custody report, one module for each part of the document."""
