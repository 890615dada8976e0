SELECT theme, position, label_fr, label_en, definition
FROM taxonomy_themes
ORDER BY position
