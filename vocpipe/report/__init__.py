"""The page that an analyst opens: one self-contained HTML file made from a workspace."""
