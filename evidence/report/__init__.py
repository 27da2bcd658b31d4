"""The court PDF: a plain-data model and its rendering."""
