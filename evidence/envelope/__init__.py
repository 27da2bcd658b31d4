"""A whole package as one encrypted file: CMS for a certificate, or age."""
