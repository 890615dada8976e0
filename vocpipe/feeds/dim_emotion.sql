SELECT emotion, position, label_fr, label_en, definition, ekman, ekman_fr, ekman_en, cx, cx_fr, cx_en
FROM taxonomy_emotions
ORDER BY position
