SELECT step, position, label_fr, label_en, definition, phase, phase_fr, phase_en
FROM taxonomy_steps
ORDER BY position
