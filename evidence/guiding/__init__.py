"""The guided command for advisers without training: questions, texts, receipt."""
