"""The month's report, in parts: what is read, how it is said, and each section."""
