"""What all pages share: label configurations, reading of submitted forms, glossary terms, sentence alignment."""
