"""Three invented monthly exports of Maison Lutèce, used by `vocpipe run --sample`."""
