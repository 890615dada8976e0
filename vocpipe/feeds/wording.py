"""How alerts write numbers, in French and in English, as SQL macros."""

_NARROW = "\u202f"  # narrow no-break space: before %, inside French quotes, between thousands

MACROS = (
    f"CREATE TEMP MACRO percent_fr(share) AS replace(printf('%.1f', 100 * share), '.', ',') || '{_NARROW}%'",
    "CREATE TEMP MACRO percent_en(share) AS printf('%.1f', 100 * share) || '%'",
    # In French the plural starts at two.
    "CREATE TEMP MACRO points_fr(gap) AS "
    "replace(replace(printf('%+.1f', 100 * gap), '.', ','), '-', '−') || ' point' || if(abs(round(100 * gap, 1)) >= 2, 's', '')",
    "CREATE TEMP MACRO points_en(gap) AS replace(printf('%+.1f', 100 * gap), '-', '−') || ' points'",
    f"CREATE TEMP MACRO count_fr(number, noun) AS replace(format('{{:,}}', number), ',', '{_NARROW}') || ' ' || noun || if(number > 1, 's', '')",
    "CREATE TEMP MACRO count_en(number, noun) AS format('{:,}', number) || ' ' || noun || if(number = 1, '', 's')",
    f"CREATE TEMP MACRO quoted_fr(label) AS '«{_NARROW}' || label || '{_NARROW}»'",
    "CREATE TEMP MACRO quoted_en(label) AS '“' || label || '”'",
)
